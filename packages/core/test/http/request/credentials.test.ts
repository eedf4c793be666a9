import { describe, expect, it } from 'vitest'
import { bypassReason } from '../../../src/http/request/participation.ts'
import { policy, view } from '../../support/views.ts'

describe('by default a request identifies its user', () => {
  it.each([
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
    'x-goog-iap-jwt-assertion',
    'x-goog-authenticated-user-email',
    'x-goog-authenticated-user-id',
    'cf-access-jwt-assertion',
    'cf-access-authenticated-user-email',
    'cf-access-client-id',
    'cf-access-client-secret',
    'x-ms-client-principal',
    'x-ms-client-principal-id',
    'x-ms-client-principal-name',
    'x-ms-token-aad-id-token',
    'x-ms-token-aad-access-token',
    'x-amzn-oidc-accesstoken',
    'x-amzn-oidc-data',
    'x-amzn-oidc-identity',
    'x-amz-security-token',
  ])('by %s', name => {
    expect(bypassReason(view({ headers: { [name]: 'x' } }), policy())).toBe(name)
  })

  it.each(['accept', 'user-agent', 'x-forwarded-for', 'x-request-id', 'referer'])('not by %s', name => {
    expect(bypassReason(view({ headers: { [name]: 'x' } }), policy())).toBeUndefined()
  })
})
