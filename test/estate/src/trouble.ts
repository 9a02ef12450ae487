import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A bad day of the system, until it is `none` again: every call waits `ms`, is never answered, gets a web server's
 * error page, an answer that ends in the middle, an undeclared fault, or a closed socket.
 */
export type Trouble =
  | { kind: 'none' }
  | { kind: 'slow'; ms: number }
  | { kind: 'hang' }
  | { kind: 'html' }
  | { kind: 'truncated' }
  | { kind: 'fault' }
  | { kind: 'reset' };

const HTML = '<html><head><title>502 Bad Gateway</title></head><body>It is not you, it is us.</body></html>';
const ENVELOPE = '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>';
const FAULT = `${ENVELOPE}<soap:Fault><faultcode>soap:Server</faultcode><faultstring>ABEND S0C7</faultstring></soap:Fault></soap:Body></soap:Envelope>`;

const answer = (response: ServerResponse, status: number, type: string, body: string): void => {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body);
};

/** Answers the request as the trouble has it, or hands it to `next`. */
export const meet = (trouble: Trouble, request: IncomingMessage, response: ServerResponse, next: () => void): void => {
  switch (trouble.kind) {
    case 'none':
      return next();
    case 'slow': {
      const timer = setTimeout(next, trouble.ms);
      response.once('close', () => clearTimeout(timer));
      return;
    }
    case 'hang':
      return;
    case 'html':
      return answer(response, 502, 'text/html', HTML);
    case 'truncated':
      return answer(response, 200, 'text/xml', `${ENVELOPE}<m:GetPolicyResponse xmlns:m="http://keys`);
    case 'fault':
      return answer(response, 500, 'text/xml', FAULT);
    case 'reset':
      request.socket.destroy();
  }
};
