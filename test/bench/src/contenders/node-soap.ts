import { createClientAsync } from 'soap';
import { REPORT_WSDL, SIZE_NAMES, pathOf } from '../payload.ts';
import { serveOrders } from '../worker.ts';

/** The peer: its client, and the JSON text that a gateway would send on. */
await serveOrders(async (origin) => {
  const clients = new Map(
    await Promise.all(
      SIZE_NAMES.map(async (size) => {
        const client = await createClientAsync(REPORT_WSDL, { endpoint: origin + pathOf(size) });
        return [size, client] as const;
      }),
    ),
  );
  return async (size) => {
    const [report] = await clients.get(size)!['GetReportAsync']({ id: '4711' });
    JSON.stringify(report);
  };
});
