import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the resource file and the WSDL: the same from `src` and from `dist`. */
export const ESTATE = dirname(dirname(fileURLToPath(import.meta.url)));

/** The entry WSDL; it imports the others by relative paths. */
export const POLICY_WSDL = join(ESTATE, 'policy', 'policy.wsdl');
