// The list of all tokens names owners by their ids only.
import { listScim, nameOf, type Person, type PersonKind } from '../admin/scim';

export type OwnerNames = ReadonlyMap<string, string>;

const attributes = 'userName,applicationId,displayName';
const pageSize = 5000;

async function readKind(kind: PersonKind, into: Map<string, string>, signal: AbortSignal): Promise<void> {
  let from: string | undefined;
  do {
    const page = await listScim<Person>(kind, { count: pageSize, attributes }, from, signal);
    for (const each of page.rows) {
      into.set(each.id, kind === 'servicePrincipal' ? each.displayName || nameOf(each) : nameOf(each));
    }
    from = page.next;
  } while (from);
}

export async function ownerNames(signal: AbortSignal): Promise<OwnerNames> {
  const names = new Map<string, string>();
  await Promise.all([readKind('user', names, signal), readKind('servicePrincipal', names, signal)]);
  return names;
}
