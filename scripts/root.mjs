import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the clone, whatever the current directory or the link that led here. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
