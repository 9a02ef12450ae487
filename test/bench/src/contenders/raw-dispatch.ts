import { openPool, rawPost } from '../load.ts';
import { REQUEST_ENVELOPE, pathOf } from '../payload.ts';
import { serveOrders } from '../worker.ts';

/** The limit: the bytes arrive and nothing is done with them. */
await serveOrders(async (origin) => {
  const pool = openPool(origin);
  const headers = { 'content-type': 'text/xml; charset=utf-8', soapaction: '"urn:bench:report/GetReport"' };
  return async (size) => {
    await rawPost(pool, { path: pathOf(size), body: REQUEST_ENVELOPE, headers });
  };
});
