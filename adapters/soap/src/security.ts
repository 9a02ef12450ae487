import { WSSecurity } from 'soap/lib/security/WSSecurity.js';
import type { SoapAuth } from './config.ts';

/** HTTP headers that prove who we are. */
export const authHeaders = ({ basic, bearer }: SoapAuth = {}): Record<string, string> => {
  if (basic !== undefined) {
    const pair = Buffer.from(`${basic.username}:${basic.password.reveal()}`, 'utf8').toString('base64');
    return { authorization: `Basic ${pair}` };
  }
  return bearer === undefined ? {} : { authorization: `Bearer ${bearer.reveal()}` };
};

export const isSecured = ({ usernameToken, timestamp }: SoapAuth = {}): boolean =>
  usernameToken !== undefined || timestamp === true;

const USERNAME_TOKEN = /<wsse:UsernameToken[\s\S]*<\/wsse:UsernameToken>/;

/**
 * WS-Security header XML, made anew for each request: nonce and time must not repeat. `wsse:Security` is marked with
 * mustUnderstand, so that a service that ignores it says so instead of serving strangers.
 */
export const securityHeader = (auth: SoapAuth = {}): (() => string) => {
  if (!isSecured(auth)) return () => '';
  const { usernameToken, timestamp = false } = auth;
  const options = {
    passwordType: usernameToken?.digest === true ? 'PasswordDigest' : 'PasswordText',
    hasTimeStamp: timestamp,
    mustUnderstand: true,
    envelopeKey: 'soapenv',
  };
  const security = new WSSecurity(usernameToken?.username ?? '', usernameToken?.password.reveal() ?? '', options);
  return usernameToken === undefined ? () => security.toXML().replace(USERNAME_TOKEN, '') : () => security.toXML();
};
