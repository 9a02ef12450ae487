import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const ROLES = ['architect', 'engineer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const ALLOWED_ROLES = 'bailey:roles';

const allow = (...roles: Role[]): CustomDecorator => SetMetadata(ALLOWED_ROLES, roles);

/** Whoever may look. */
export const Readers = (): CustomDecorator => allow('architect', 'engineer', 'admin');
/** Whoever may change registrations. */
export const Writers = (): CustomDecorator => allow('engineer', 'admin');
/** Whoever may say who may. */
export const Admins = (): CustomDecorator => allow('admin');

/** Paths for probes and scrapers, which carry no credential. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/livez', '/readyz', '/startupz', '/metrics']);
