resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ReplicationAccess"
        Effect    = "Allow"
        Principal = { AWS = ["111122223333", "222233334444"] }
        Action    = ["ecr:CreateRepository", "ecr:ReplicateImage"]
        Resource  = "arn:aws:ecr:us-west-2:444455556666:repository/prod-*"
      },
      {
        Sid       = "CacheDockerHub"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:role/ci" }
        Action    = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
        Resource  = "arn:aws:ecr:us-west-2:444455556666:repository/docker-hub/*"
      }
    ]
  })
}
