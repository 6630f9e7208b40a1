import { screen, waitFor, within } from '@testing-library/react';
import { diffOf, FakeServer, type Fields } from '../test/fake-server.ts';
import { open } from '../test/render.tsx';

function chat(fields: Fields = {}) {
  const server = new FakeServer();
  const project = server.addProject('shop');
  const session = server.addSession(project, 'Rounding', fields);
  return { server, project, session, address: `/projects/${project.id}/chats/${session.id}` };
}

function branchStatus(id: string, fields: Fields = {}): Fields {
  return {
    __typename: 'BranchStatus',
    ...{ id, path: `/data/projects/1/sessions/${id}`, branch: `kosuke-chat-${id}`, currentBranch: `kosuke-chat-${id}` },
    ...{ headSha: 'a'.repeat(40), baseBranch: 'main', baseSha: 'b'.repeat(40), aheadOfBase: 2, behindBase: 0 },
    ...{ remote: null, dirtyFiles: [], dirtyFileCount: 0, conflictPaths: [], conflictCount: 0, isDrifted: false },
    ...{ sync: 'AHEAD', diskBytes: 188_000, processCount: 0, checkedAt: new Date().toISOString(), ...fields },
  };
}

const operation = (kind: string, fields: Fields = {}) => ({
  __typename: 'WorkspaceOperation',
  ...{ id: '9', kind, status: 'SUCCEEDED', step: null, progress: null, errorCode: null, errorMessage: null },
  ...{ rewind: null, baseUpdate: null, ...fields },
});

const commit = {
  __typename: 'CommitPart',
  ...{ sha: 'c'.repeat(40), title: 'Keep cents', branch: 'kosuke-chat-x', files: [], additions: 1, deletions: 1 },
  skippedPaths: [],
};

const wide = () => {
  window.matchMedia = ((query: string) => ({
    matches: /min-width/.test(query),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })) as never;
};
const original = window.matchMedia;
afterEach(() => {
  window.matchMedia = original;
});

describe('the changes of a chat', () => {
  it('are listed file by file, and each opens to its lines', async () => {
    wide();
    const { server, session, address } = chat();
    const file = { path: 'src/total.ts', additions: 1, deletions: 1 };
    session.diff = diffOf([file, { path: 'logo.bin', isBinary: true }]);
    session.fileDiff = {
      __typename: 'FileDiff',
      ...{ from: { kind: 'COMMIT', sha: 'b'.repeat(40) }, to: { kind: 'WORKSPACE', sha: null }, note: null },
      hunks: [
        {
          ...{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, heading: 'total()' },
          lines: [
            { kind: 'REMOVED', oldNumber: 1, newNumber: null, text: 'return round(sum)', end: 'LF', isCut: false },
            { kind: 'ADDED', oldNumber: null, newNumber: 1, text: 'return euros(sum)', end: 'LF', isCut: false },
          ],
        },
      ],
    };
    const { user } = open(server, address);
    const panel = await screen.findByRole('region', { name: 'Changes' });
    expect(await within(panel).findByText('2 files')).toBeVisible();
    await user.click(within(panel).getByRole('button', { name: /src\/ ?total\.ts/ }));
    const lines = await within(panel).findByRole('region', { name: 'Changed lines of src/total.ts' });
    const rows = within(lines).getAllByRole('row');
    expect(rows.map(({ textContent }) => textContent)).toEqual([
      '@@ -1,1 +1,1 @@ total()',
      '1−Removed: return round(sum)',
      '1+Added: return euros(sum)',
    ]);
  });

  it('say why when they cannot be shown', async () => {
    wide();
    const { server, session, address } = chat();
    session.diff = { __typename: 'Conflict', code: 'WORKSPACE_PREPARING', message: 'It is still being made.' };
    open(server, address);
    expect(await screen.findByText('It is still being made.')).toBeVisible();
  });
});

describe('from a message on', () => {
  it('a prompt is taken back, with all behind it, and its words come back into the field', async () => {
    const { server, session, address } = chat();
    const prompt = server.say(session, 'USER', 'Fix the totals');
    server.say(session, 'ASSISTANT', 'Done.', commit);
    const asked: unknown[] = [];
    server.mutations.rewindSession = ({ input }) => {
      asked.push(input);
      session.said = [];
      server.happen(session, 'ConversationRewound', { rewindId: '1', removed: [{ from: 1, to: 2 }], messageCount: 0 });
      const rewind = { __typename: 'Rewind', id: '1', messageCount: 2, fileCount: 1, promptText: 'Fix the totals' };
      return operation('REWIND', { rewind });
    };
    const { user } = open(server, address);
    await user.click(await screen.findByRole('button', { name: 'Menu of the message of Mio Ono' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Edit and send again' }));
    expect(await screen.findByText('Took back 2 messages and 1 file. It is all kept.')).toBeVisible();
    expect(screen.getByRole('textbox', { name: 'Message' })).toHaveValue('Fix the totals');
    await waitFor(() => expect(screen.queryByText('Done.')).toBeNull());
    expect(asked).toEqual([{ chatSessionId: session.id, beforeMessageId: prompt.id }]);
  });

  it('says what kept a turn from being undone', async () => {
    const { server, session, address } = chat();
    server.say(session, 'USER', 'Fix the totals');
    server.say(session, 'ASSISTANT', 'Done.', commit);
    const errorMessage = 'Later turns changed the same lines of src/total.ts.';
    server.mutations.undoTurn = () => operation('UNDO_TURN', { status: 'FAILED', errorMessage });
    const { user } = open(server, address);
    await user.click(await screen.findByRole('button', { name: 'Menu of the message of Agent' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Undo what it changed' }));
    expect(await screen.findByText(errorMessage)).toBeVisible();
  });
});

describe('the branch of a chat', () => {
  it('tells how it stands, and follows what happens to it', async () => {
    const { server, session, address } = chat();
    session.branchStatus = branchStatus(session.id);
    const { user } = open(server, address);
    await user.click(await screen.findByRole('button', { name: /^Branch kosuke-chat/ }));
    const card = await screen.findByRole('dialog', { name: 'Branch of this chat' });
    expect(within(card).getByText('2 ahead')).toBeVisible();
    expect(within(card).getByText('188 kB of its own')).toBeVisible();
    server.tell(
      `branch:${session.id}`,
      { branchStatusChanged: branchStatus(session.id, { behindBase: 3, sync: 'DIVERGED' }) }.branchStatusChanged,
    );
    expect(await within(card).findByText('2 ahead, 3 behind')).toBeVisible();
    expect(within(card).getByRole('button', { name: 'Update from main' })).toBeVisible();
  });

  it('can be put back with one press when the workspace has left it', async () => {
    const { server, session, address } = chat();
    session.branchStatus = branchStatus(session.id, { currentBranch: 'elsewhere', isDrifted: true, sync: 'DRIFTED' });
    server.mutations.repairBranch = () => {
      server.change(session, { branchStatus: branchStatus(session.id) });
      return operation('REPAIR_BRANCH');
    };
    const { user } = open(server, address);
    expect(await screen.findByText('elsewhere')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Put it back' }));
    await waitFor(() => expect(screen.queryByText('elsewhere')).toBeNull());
  });

  it('is updated once every conflict is decided', async () => {
    const { server, session, address } = chat();
    const conflict = { path: 'src/total.ts', kind: 'CONTENT', isBinary: false, resolution: null as string | null };
    const update = () => ({
      __typename: 'BaseUpdate',
      ...{ id: '4', status: 'CONFLICTED', strategy: 'MERGE', baseBranch: 'main', isWithAgent: false },
      ...{ unresolvedCount: conflict.resolution ? 0 : 1, errorMessage: null, conflictedCommit: null },
      conflicts: [{ __typename: 'ConflictFile', ...conflict }],
    });
    session.baseUpdate = update();
    server.mutations.resolveConflict = ({ input }) => {
      conflict.resolution = (input as { resolution: string }).resolution;
      session.baseUpdate = update();
      return session.baseUpdate;
    };
    server.mutations.completeBaseUpdate = () => {
      const applied = { ...update(), status: 'APPLIED', conflicts: [] };
      session.baseUpdate = null;
      return operation('UPDATE_FROM_BASE', { baseUpdate: applied });
    };
    const { user } = open(server, address);
    expect(await screen.findByText(/^1 file is in conflict with main/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Resolve' }));
    const dialog = await screen.findByRole('dialog', { name: 'Conflicts with main' });
    expect(within(dialog).getByRole('button', { name: '1 to decide' })).toBeDisabled();
    await user.click(within(dialog).getByRole('button', { name: 'Take main’s' }));
    await user.click(await within(dialog).findByRole('button', { name: 'Finish the update' }));
    expect(await screen.findByText('This chat has what is new on main.')).toBeVisible();
  });
});

it('what is being done to the workspace is told, with how far it is', async () => {
  const { server, session, address } = chat();
  open(server, address);
  await screen.findByRole('textbox', { name: 'Message' });
  server.change(session, {
    latestOperation: operation('REWIND', { status: 'RUNNING', step: 'Writing files', progress: 0.43 }),
  });
  expect(await screen.findByText('43 %')).toBeVisible();
  expect(screen.getByText(/Taking the chat back/)).toBeVisible();
});
