"""Checks the ARNs of KMS keys. Standard library only."""

from __future__ import annotations

import re
from typing import Final

from ..errors import IconikValueError
from .trust import is_token

__all__ = ["KEY_ARN_PATTERN", "refuse_other_than_one_key"]

_KEY_ID: Final = "[A-Za-z0-9-]+"
KEY_ARN_PATTERN: Final = f"arn:aws:kms:[a-z0-9-]+:[0-9]{{12}}:key/{_KEY_ID}"
"""The ARN of one key in the partition `aws`."""


def refuse_other_than_one_key(arn: str, prop: str) -> None:
    """Refuse a key ARN with `*` or another text that is no key id. In a policy it would stand for other keys too.

    An alias and a CDK token are not checked.

    Raises:
        IconikValueError: the text after `key/` is no key id.
    """
    _, is_key, key_id = arn.partition(":key/")
    if is_key and not is_token(key_id) and not re.fullmatch(_KEY_ID, key_id):
        raise IconikValueError(
            prop,
            "must be one key, whose id has only letters, digits and hyphens",
            got=arn,
            fix="aws kms describe-key --key-id alias/NAME --query KeyMetadata.Arn --output text prints its ARN.",
        )
