import { explainFailure, type MachineFacts } from './bubblewrap-failure.ts';

const ordinary: MachineFacts = {
  isRoot: false,
  isContainer: false,
  unprivilegedUserNamespaces: null,
  appArmorRestricts: null,
  maxUserNamespaces: 15_000,
};
const NO_NAMESPACE = 'bwrap: No permissions to create a new namespace, likely because the kernel does not allow it.';
const NO_UID_MAP = 'bwrap: setting up uid map: Permission denied';

describe('why agents cannot be run', () => {
  it.each<[string, string, Partial<MachineFacts>, string]>([
    ['it runs as root', '', { isRoot: true }, 'runs as root'],
    ['bubblewrap is not there', 'ENOENT', {}, 'apt install bubblewrap'],
    ['bubblewrap is old', 'bwrap: Unknown option --disable-userns', {}, '0.8'],
    [
      'Debian forbids namespaces',
      NO_NAMESPACE,
      { unprivilegedUserNamespaces: 0 },
      'kernel.unprivileged_userns_clone=1',
    ],
    ['no namespace is allowed', NO_NAMESPACE, { maxUserNamespaces: 0 }, 'user.max_user_namespaces'],
    ['Ubuntu restricts them', NO_UID_MAP, { appArmorRestricts: 1 }, 'bwrap-userns-restrict'],
    [
      'Ubuntu restricts them otherwise',
      'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted',
      { appArmorRestricts: 1 },
      'apparmor_restrict_unprivileged_userns=0',
    ],
    ['a container forbids them', NO_NAMESPACE, { isContainer: true }, 'seccomp=unconfined'],
    ['something else is wrong', 'bwrap: what?\nmore', {}, 'bwrap: what?'],
  ])('says so when %s', (_, failure, facts, words) => {
    const message = explainFailure(failure, { ...ordinary, ...facts });
    expect(message).toContain('Agents are not run without a sandbox.');
    expect(message).toContain(words);
  });
});
