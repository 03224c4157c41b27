"""The KMS actions on a key. Standard library only.

Source: the AWS Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management
Service". A test compares the list with the policy engine's copy of it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["KEY_ACTIONS"]

_NAMES: Final = """
    CancelKeyDeletion CreateAlias CreateGrant Decrypt DeleteAlias DeleteImportedKeyMaterial DeriveSharedSecret
    DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation Encrypt GenerateDataKey
    GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac
    GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial
    ListGrants ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReEncryptFrom ReEncryptTo ReplicateKey
    RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey TagResource
    UntagResource UpdateAlias UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
"""

KEY_ACTIONS: Final = frozenset(f"kms:{name}" for name in _NAMES.split())
