// Runs inside the page: what sticks out of it, and which text is hard to read. Must not refer to anything outside.
export function measure() {
  const root = document.documentElement;
  const elements = [...document.body.querySelectorAll("*")];

  function named(element) {
    const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 60);
    const kind = element.getAttribute("class");
    return `${element.localName}${kind ? `.${kind.trim().replace(/\s+/g, ".")}` : ""} "${text}"`;
  }

  function scrolls(element) {
    for (let at = element; at && at !== document.body; at = at.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true;
    return false;
  }

  function rgba(value) {
    const numbers = value.match(/-?[\d.]+(?:e-?\d+)?%?/g)?.map(Number.parseFloat) ?? [0, 0, 0, 0];
    // color-mix() and the like give `color(srgb 0.1 0.2 0.3 / 0.5)`.
    const scale = value.startsWith("color(") ? 255 : 1;
    return [...numbers.slice(0, 3).map((part) => part * scale), numbers[3] ?? 1];
  }

  function over([r, g, b, alpha], below) {
    return [r, g, b].map((part, index) => part * alpha + below[index] * (1 - alpha));
  }

  function luminance(colour) {
    const [r, g, b] = colour.map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  // The paint below a piece of text, the lowest first: shapes drawn before it in its SVG, and backgrounds around it.
  function paintBelow(element, box) {
    const found = [];
    const svg = element instanceof SVGElement ? element.ownerSVGElement : null;
    if (svg) {
      const x = box.x + box.width / 2;
      const y = box.y + box.height / 2;
      for (const shape of svg.querySelectorAll("rect, circle, ellipse, polygon, path")) {
        if (!(shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
        const at = shape.getBoundingClientRect();
        const inside = at.left <= x && x <= at.right && at.top <= y && y <= at.bottom;
        const { fill, fillOpacity } = getComputedStyle(shape);
        if (!inside || fill === "none" || !/^(rgb|color)/.test(fill)) continue;
        const [r, g, b, alpha] = rgba(fill);
        found.push([r, g, b, alpha * Number(fillOpacity)]);
      }
    }
    for (let at = svg ?? element; at; at = at.parentElement) found.unshift(rgba(getComputedStyle(at).backgroundColor));
    return found;
  }

  const canvas = matchMedia("(prefers-color-scheme: dark)").matches && getComputedStyle(root).colorScheme.includes("dark")
    ? [18, 18, 18]
    : [255, 255, 255];
  const faint = [];
  let lowest = Number.POSITIVE_INFINITY;
  let texts = 0;
  for (const element of elements) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const box = element.getBoundingClientRect();
    if (!own || !box.width || !box.height || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest("[aria-hidden=true], script, style, noscript, title, desc")) continue;
    const style = getComputedStyle(element);
    const below = paintBelow(element, box).reduce((colour, paint) => over(paint, colour), canvas);
    const ink = over(rgba(element instanceof SVGElement ? style.fill : style.color), below);
    const [light, dark] = [luminance(ink), luminance(below)].sort((one, other) => other - one);
    const contrast = (light + 0.05) / (dark + 0.05);
    texts += 1;
    lowest = Math.min(lowest, contrast);
    if (contrast < 4.5) faint.push({ element: named(element), contrast: Math.round(contrast * 100) / 100 });
  }

  return {
    title: document.title,
    width: root.clientWidth,
    content_width: root.scrollWidth,
    height: root.scrollHeight,
    sticking_out: elements
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 0.5)
      .filter((element) => !(element instanceof SVGElement && element.ownerSVGElement) && !scrolls(element))
      .map(named),
    texts,
    lowest_contrast: texts ? Math.round(lowest * 100) / 100 : null,
    faint,
    text: document.body.innerText,
  };
}
