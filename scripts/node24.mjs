import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The release in optionalDependencies; one number, so that set-up and runtime agree. */
export const NODE_VERSION = '24.21.0';

/** npm package that carries Node for this machine; undefined where none is published. */
export const nodePackage = ({ platform, arch } = process) =>
  platform === 'linux' && (arch === 'x64' || arch === 'arm64') ? `node-linux-${arch}` : undefined;

const isRecent = (version) => Number.parseInt(version, 10) >= 24;

/** Path of a Node of at least 24: this process's own, else the one that came with the project. */
export const node24 = (root) => {
  if (isRecent(process.versions.node)) return process.execPath;
  const path = join(root, 'node_modules', nodePackage() ?? 'node', 'bin', 'node');
  if (existsSync(path)) return path;
  throw new Error(
    `Node 24 is needed here and none comes for ${process.platform}-${process.arch}: install it and try again.`,
  );
};
