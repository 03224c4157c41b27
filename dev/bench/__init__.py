"""What the library costs at synthesis, as ratios that hold on any machine. Development only, never shipped."""
