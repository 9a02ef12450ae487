import type { JsonSchema, Secret, TlsProfile } from '@bailey/contract';

/** `connection` of a bridge with `adapter: soap`, its references resolved. */
export interface SoapConfig {
  wsdl: string;
  endpoint?: string;
  service?: string;
  port?: string;
  auth?: SoapAuth;
  tls?: TlsProfile;
  headers?: Record<string, string>;
  maxResponseBytes?: number;
}

export interface SoapAuth {
  basic?: { username: string; password: Secret };
  bearer?: Secret;
  usernameToken?: { username: string; password: Secret; digest?: boolean };
  timestamp?: boolean;
}

/** 16 MiB: ten times what a page of rows of a talkative service weighs, and small beside a gateway's memory. */
export const DEFAULT_MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

const text = (description: string): JsonSchema => ({ type: 'string', minLength: 1, description });
const secret = (description: string): JsonSchema => ({ ...text(description), 'x-secret': true });

const closed = (description: string, properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  description,
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
});

const credentials = {
  username: text('Name that the legacy system knows us by.'),
  password: secret('Its password.'),
};

const auth = closed(
  'How the bridge proves who it is. Basic and bearer are also sent when the WSDL is fetched, to its own origin alone.',
  {
    basic: closed('HTTP Basic authentication (RFC 7617).', credentials, ['username', 'password']),
    bearer: secret('A token sent as `Authorization: Bearer`.'),
    usernameToken: closed(
      'WS-Security UsernameToken in the SOAP header.',
      {
        ...credentials,
        digest: {
          type: 'boolean',
          default: false,
          description: 'Send a password digest with nonce and time, not the password itself.',
        },
      },
      ['username', 'password'],
    ),
    timestamp: {
      type: 'boolean',
      default: false,
      description: 'Send a WS-Security Timestamp. If the system answers "message expired", compare the clocks.',
    },
  },
);

const tls = closed('TLS of this connection alone; other bridges are not affected.', {
  ca: text(
    'PEM text of the authorities to trust instead of the public ones. Set it when the log says "self-signed certificate" or "unable to get issuer".',
  ),
  cert: text('PEM text of our client certificate, when the system asks for one.'),
  key: secret('PEM text of its private key.'),
  servername: text('Name expected in the certificate, when it differs from the host of the endpoint.'),
  minVersion: {
    type: 'string',
    enum: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    description: 'Oldest version to accept; lower it only for a system that cannot do better.',
  },
  ciphers: text('OpenSSL cipher list, for a system that knows only old ones.'),
  rejectUnauthorized: {
    type: 'boolean',
    default: true,
    description:
      'Set to false, any certificate is accepted, and anyone on the way can read and change the calls. For a test, never for production.',
  },
});

/** Schema of {@link SoapConfig} as written in a resource file. */
export const soapConfig: JsonSchema = {
  ...closed(
    'Connection to a SOAP service.',
    {
      wsdl: text(
        'The WSDL 1.1: a path beside the resource file, a .zip that holds it, or an http(s) URL. It is read at registration only.',
      ),
      endpoint: {
        ...text(
          'URL to call instead of the address in the WSDL. Needed when the WSDL has no service, or names a host of another network.',
        ),
        pattern: '^https?://',
      },
      service: text(
        'Name of the wsdl:service to use; without it the first that has a SOAP 1.1 port, else a SOAP 1.2 one.',
      ),
      port: text('Name of the wsdl:port to use. The ledger lists the ports that were not taken.'),
      auth,
      tls,
      headers: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'HTTP headers sent with every call, such as a routing key of a proxy. Not for secrets.',
      },
      maxResponseBytes: {
        type: 'integer',
        minimum: 1024,
        maximum: 1024 * 1024 * 1024,
        default: DEFAULT_MAX_RESPONSE_BYTES,
        description: 'A larger answer is refused with 502 ANSWER_TOO_LARGE before it fills the memory.',
      },
    },
    ['wsdl'],
  ),
  title: 'SOAP connection',
};
