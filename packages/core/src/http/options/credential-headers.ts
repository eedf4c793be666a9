/** Request headers that count as credentials, by default. */
export const credentialHeaders: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'x-auth-token',
  'x-access-token',
  'x-csrf-token',
  'x-forwarded-user',
  'remote-user',
  'x-forwarded-client-cert',
  // Google Identity-Aware Proxy
  'x-goog-iap-jwt-assertion',
  'x-goog-authenticated-user-email',
  'x-goog-authenticated-user-id',
  // Cloudflare Access
  'cf-access-jwt-assertion',
  'cf-access-authenticated-user-email',
  'cf-access-client-id',
  'cf-access-client-secret',
  // Azure App Service and Entra application proxy
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-ms-client-principal-name',
  'x-ms-token-aad-id-token',
  'x-ms-token-aad-access-token',
  // AWS Application Load Balancer and IAM
  'x-amzn-oidc-accesstoken',
  'x-amzn-oidc-data',
  'x-amzn-oidc-identity',
  'x-amz-security-token',
]
