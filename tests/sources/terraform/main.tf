# terraform 1.11.4 and the provider aws 5.100.0 wrote plan.json from it:
#   terraform plan -out it.plan && terraform show -json it.plan > plan.json
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

variable "condition_operator" {
  default = "StringEquals"
}

resource "aws_s3_bucket" "media" {
  bucket = "acme-media"
}

resource "aws_s3_bucket_public_access_block" "media" {
  bucket                  = aws_s3_bucket.media.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "media" {
  bucket = aws_s3_bucket.media.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid     = "IconikBucket"
    actions = ["s3:GetAccelerateConfiguration", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:PutBucketCORS"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::283217727627:role/IconikS3AccessRole"]
    }
    resources = ["arn:aws:s3:::acme-media"]
    condition {
      test     = var.condition_operator
      variable = "aws:PrincipalTag/IconikSystemDomainId"
      values   = ["0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"]
    }
  }
  statement {
    sid     = "IconikObjects"
    actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:RestoreObject"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::283217727627:role/IconikS3AccessRole"]
    }
    resources = ["arn:aws:s3:::acme-media/*"]
    condition {
      test     = var.condition_operator
      variable = "aws:PrincipalTag/IconikSystemDomainId"
      values   = ["0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"]
    }
  }
  statement {
    sid     = "DenyHttp"
    effect  = "Deny"
    actions = ["s3:*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    resources = ["arn:aws:s3:::acme-media", "arn:aws:s3:::acme-media/*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "media" {
  bucket = aws_s3_bucket.media.id
  policy = data.aws_iam_policy_document.bucket.json
}

resource "aws_kms_key" "media" {
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Owner", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" },
      {
        Sid       = "Iconik"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::283217727627:role/IconikS3AccessRole" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = { (var.condition_operator) = { "aws:PrincipalTag/IconikSystemDomainId" = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01" } }
      },
    ]
  })
}

resource "aws_s3_bucket_server_side_encryption_configuration" "media" {
  bucket = aws_s3_bucket.media.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.media.arn
    }
  }
}
