import { screen, waitFor, within } from '@testing-library/react';
import { type FakeMessage, FakeServer, type FakeSession, type Fields } from '../test/fake-server.ts';
import { open } from '../test/render.tsx';

function chat() {
  const server = new FakeServer();
  const project = server.addProject('shop');
  const session = server.addSession(project, 'Rounding');
  return { server, project, session, address: `/projects/${project.id}/chats/${session.id}` };
}

const conversation = () => screen.findByRole('region', { name: 'Conversation' });
const composer = () => screen.findByRole('textbox', { name: 'Message' });

/** A run that writes an empty answer, as a server begins one. */
function beginAnswer(server: FakeServer, session: FakeSession): FakeMessage {
  const run = server.run('RUNNING');
  const message = server.message('ASSISTANT', [], { number: session.said.length + 1, status: 'STREAMING', run });
  session.said.push(message);
  session.latestRun = run;
  server.happen(session, 'RunUpdated', { run });
  server.happen(session, 'MessageAdded', { message: { ...message, parts: [] } });
  return message;
}

/** Adds a piece of text to the stored message, and tells of it. */
function append(server: FakeServer, session: FakeSession, message: FakeMessage, text: string): Fields {
  const part = message.parts[0] as { text: string };
  const offset = part.text.length;
  part.text += text;
  return server.happen(session, 'TextAppended', { messageId: message.id, position: 0, offset, text });
}

function addText(server: FakeServer, session: FakeSession, message: FakeMessage): void {
  const part = { __typename: 'TextPart', position: 0, text: '' };
  message.parts.push(part);
  server.happen(session, 'PartAdded', { messageId: message.id, part: { ...part } });
}

describe('a conversation', () => {
  it('shows what was said, commands with their output, and commits that open', async () => {
    const { server, session, address } = chat();
    server.say(session, 'USER', 'Fix it.');
    server.say(
      session,
      'ASSISTANT',
      'Done, **with a test**.',
      {
        __typename: 'ToolCallPart',
        toolCallId: 't1',
        title: 'npm test',
        kind: 'EXECUTE',
        status: 'FAILED',
        output: '\u001b[31mred\u001b[0m words',
        outputTruncated: false,
        paths: [],
        exitCode: 2,
        durationMs: 3200,
      },
      {
        __typename: 'CommitPart',
        sha: '9f2c1ab'.padEnd(40, '0'),
        branch: session.branch,
        title: 'Keep amounts in cents',
        additions: 31,
        deletions: 6,
        skippedPaths: [],
        files: [
          { path: 'src/total.ts', oldPath: null, kind: 'MODIFIED', additions: 31, deletions: 6, isBinary: false },
        ],
      },
    );
    const { user } = open(server, address);
    expect(await screen.findByText('Fix it.')).toBeVisible();
    const region = within(await conversation());
    expect(await region.findByText('with a test')).toBeVisible();
    expect(region.getByText('exit 2')).toBeVisible();
    expect(region.getByText('3.2 s')).toBeVisible();
    expect(region.getByText('red')).toBeVisible();
    await user.click(region.getByRole('button', { name: /Commit 9f2c1ab Keep amounts in cents/ }));
    expect(region.getByText('total.ts')).toBeVisible();
  });

  it('shows HTML as the text it is, and loads no pictures', async () => {
    const { server, session, address } = chat();
    const text =
      'Before <img src="https://evil.example/a.png" onerror="alert(1)"> <script>alert(2)</script>\n\n' +
      '![a picture](https://evil.example/b.png) [run](javascript:alert(3)) [site](https://example.com/) [file](src/a.ts)';
    server.say(session, 'ASSISTANT', text);
    open(server, address);
    const link = await screen.findByRole('link', { name: 'a picture' });
    expect(link).toHaveAttribute('href', 'https://evil.example/b.png');
    expect(link).toHaveAttribute('rel', 'noopener noreferrer');
    expect(link).toHaveAttribute('target', '_blank');
    expect(screen.getByRole('link', { name: 'site' })).toBeVisible();
    expect(screen.queryByRole('link', { name: 'run' })).not.toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'file' })).not.toBeInTheDocument();
    expect(screen.queryByRole('img')).not.toBeInTheDocument();
    expect(document.querySelectorAll('#root script, article script, article img')).toHaveLength(0);
    expect(screen.getByText(/<script>alert\(2\)<\/script>/)).toBeVisible();
  });

  it('explains in an empty chat what can be done, and puts an example into the field', async () => {
    const { server, address } = chat();
    const { user } = open(server, address);
    await user.click(await screen.findByRole('button', { name: /!ls -la/ }));
    expect(await composer()).toHaveValue('!ls -la');
  });

  it('loads earlier messages when asked', async () => {
    const { server, session, address } = chat();
    for (let number = 1; number <= 60; number += 1) server.say(session, 'USER', `Word ${number}`);
    const { user } = open(server, address);
    await screen.findByText('Word 60');
    expect(screen.queryByText('Word 10')).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Load earlier messages' }));
    expect(await screen.findByText('Word 1')).toBeVisible();
    expect(screen.getAllByText('Word 60')).toHaveLength(1);
  });

  it('says why a run failed and begins it anew', async () => {
    const { server, session, address } = chat();
    const run = server.run('FAILED', {
      errorCode: 'agent',
      errorMessage: 'The agent ended unexpectedly. What was written is kept.',
    });
    server.say(session, 'USER', 'Go.').run = run;
    const text = String(run.errorMessage);
    server.say(session, 'ASSISTANT', 'I begin.', {
      __typename: 'NoticePart',
      level: 'ERROR',
      code: 'agent',
      text,
    }).run = run;
    session.latestRun = run;
    const again = server.run('QUEUED');
    server.mutations.retryRun = () => again;
    const { user } = open(server, address);
    expect(await screen.findByText(/The agent ended unexpectedly/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Retry' }));
    expect(await screen.findByText('Waiting for its turn')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Retry' })).not.toBeInTheDocument();
  });
});

describe('streaming', () => {
  it('shows text as it comes', async () => {
    const { server, session, address } = chat();
    open(server, address);
    await conversation();
    const answer = beginAnswer(server, session);
    addText(server, session, answer);
    append(server, session, answer, 'One ');
    append(server, session, answer, 'two.');
    expect(await screen.findByText('One two.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Stop the agent' })).toBeVisible();
  });

  it('shows each word once, whatever comes twice or overlaps after the line was lost', async () => {
    const { server, session, address } = chat();
    const answer = beginAnswer(server, session);
    addText(server, session, answer);
    append(server, session, answer, 'alpha ');
    const { link } = open(server, address);
    await screen.findByText('alpha');
    const beta = append(server, session, answer, 'beta ');
    await screen.findByText('alpha beta');

    link.cut();
    expect(await screen.findByText(/Connection lost/)).toBeVisible();
    append(server, session, answer, 'gamma ');
    append(server, session, answer, 'delta ');
    link.heal();
    await screen.findByText('alpha beta gamma delta');
    expect(server.askedAfter).toEqual([4, 5]);
    expect(screen.queryByText(/Connection lost/)).not.toBeInTheDocument();

    // A careless network: an event again, and one that overlaps with what is there.
    server.tell(`events:${session.id}`, beta);
    const overlap = { ...beta, seq: session.lastSeq + 1, offset: 'alpha beta gamma '.length, text: 'delta epsilon' };
    server.tell(`events:${session.id}`, overlap);
    expect(await screen.findByText('alpha beta gamma delta epsilon')).toBeVisible();
  });

  it('loads the chat again when something was missed', async () => {
    const { server, session, address } = chat();
    const answer = beginAnswer(server, session);
    addText(server, session, answer);
    open(server, address);
    await screen.findByText('Working');
    (answer.parts[0] as { text: string }).text = 'never told, ';
    append(server, session, answer, 'and more');
    expect(await screen.findByText('never told, and more')).toBeVisible();
  });

  it('keeps the output of a command when its state changes', async () => {
    const { server, session, address } = chat();
    open(server, address);
    await conversation();
    const answer = beginAnswer(server, session);
    const part = {
      __typename: 'ToolCallPart',
      position: 0,
      toolCallId: 't1',
      title: 'ls',
      kind: 'EXECUTE',
      status: 'RUNNING',
      output: '',
      outputTruncated: false,
      paths: [],
      exitCode: null,
      durationMs: null,
    };
    server.happen(session, 'PartAdded', { messageId: answer.id, part });
    server.happen(session, 'TextAppended', { messageId: answer.id, position: 0, offset: 0, text: 'a.txt\n' });
    await screen.findByText('a.txt');
    const ended = { ...part, status: 'SUCCEEDED', exitCode: 0, durationMs: 20 };
    server.happen(session, 'PartUpdated', { messageId: answer.id, part: ended });
    expect(await screen.findByText('20 ms')).toBeVisible();
    expect(screen.getByText('a.txt')).toBeVisible();
  });
});

describe('sending', () => {
  it('shows the message before the server has it, and once when it has', async () => {
    const { server, session, address } = chat();
    let answer: (value: unknown) => void = () => {};
    server.mutations.sendMessage = () => new Promise((resolve) => (answer = resolve));
    const { user } = open(server, address);
    await user.type(await composer(), 'Hello{Enter}');
    expect(await screen.findByText('Sending')).toBeVisible();
    expect(await composer()).toHaveValue('');
    const run = server.run('QUEUED');
    const sentMessage = server.say(session, 'USER', 'Hello');
    server.happen(session, 'MessageAdded', { message: sentMessage });
    server.happen(session, 'RunUpdated', { run });
    answer({ __typename: 'SendMessageSuccess', sentMessage, run });
    await waitFor(() => expect(screen.queryByText('Sending')).not.toBeInTheDocument());
    expect(screen.getAllByText('Hello')).toHaveLength(1);
  });

  it('keeps what could not be sent, and sends it under the same id when the line is back', async () => {
    const { server, session, address } = chat();
    const ids: unknown[] = [];
    server.mutations.sendMessage = ({ input }) => {
      const { clientMutationId, text } = input as Fields;
      ids.push(clientMutationId);
      return {
        __typename: 'SendMessageSuccess',
        sentMessage: server.say(session, 'USER', String(text)),
        run: server.run('QUEUED'),
      };
    };
    const { user, link } = open(server, address);
    const field = await composer();
    link.cut();
    await user.type(field, 'Hello{Enter}');
    expect(await screen.findByText(/Not sent. The server cannot be reached/)).toBeVisible();
    expect(field).toBeEnabled();
    const kept = Object.keys(localStorage).map((key) => localStorage.getItem(key) ?? '');
    const [{ clientMutationId }] = JSON.parse(kept.find((text) => text.includes('Hello')) ?? '[{}]');
    link.heal();
    await waitFor(() => expect(screen.queryByText(/Not sent/)).not.toBeInTheDocument());
    expect(screen.getAllByText('Hello')).toHaveLength(1);
    expect(ids).toEqual([clientMutationId]);
  });

  it('keeps a draft while another chat is looked at', async () => {
    const { server, project, address } = chat();
    server.addSession(project, 'Other');
    const { user } = open(server, address);
    await user.type(await composer(), 'Half a thou');
    await user.click(screen.getByRole('link', { name: 'Other' }));
    await waitFor(async () => expect(await composer()).toHaveValue(''));
    await user.click(screen.getByRole('link', { name: 'Rounding' }));
    await waitFor(async () => expect(await composer()).toHaveValue('Half a thou'));
  });

  it('lists what is queued, where it can be changed and taken back', async () => {
    const { server, session, address } = chat();
    session.latestRun = server.run('RUNNING');
    const queued = server.message('USER', [{ __typename: 'TextPart', text: 'And then?' }], { status: 'QUEUED' });
    session.queuedMessages.push(queued);
    server.mutations.editQueuedMessage = ({ text }) => {
      Object.assign(queued, { text, parts: [{ __typename: 'TextPart', position: 0, text }] });
      server.happen(session, 'MessageUpdated', { message: queued });
      return queued;
    };
    server.mutations.deleteQueuedMessage = ({ id }) => ({ __typename: 'DeleteQueuedMessageSuccess', messageId: id });
    const { user } = open(server, address);
    await user.click(await screen.findByRole('button', { name: 'Edit queued message' }));
    const field = screen.getByRole('textbox', { name: 'Queued message' });
    await user.clear(field);
    await user.type(field, 'And now?{Enter}');
    expect(await screen.findByText('And now?')).toBeVisible();
    expect(screen.getByText('Queued')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Delete queued message' }));
    await waitFor(() => expect(screen.queryByText('And now?')).not.toBeInTheDocument());
  });

  it('moves a queued message into the conversation when its run begins', async () => {
    const { server, session, address } = chat();
    session.latestRun = server.run('RUNNING');
    const queued = server.message('USER', [{ __typename: 'TextPart', text: 'And then?' }], { status: 'QUEUED' });
    session.queuedMessages.push(queued);
    open(server, address);
    await screen.findByText('Queued');
    Object.assign(queued, { status: 'COMPLETE', number: 1 });
    server.happen(session, 'MessageUpdated', { message: queued });
    await waitFor(() => expect(screen.queryByText('Queued')).not.toBeInTheDocument());
    expect(screen.getAllByText('And then?')).toHaveLength(1);
  });

  it('stops the run that is on, not the one that waits', async () => {
    const { server, session, address } = chat();
    beginAnswer(server, session);
    const on = session.latestRun;
    session.latestRun = server.run('QUEUED');
    const queued = server.message('USER', [{ __typename: 'TextPart', text: 'And then?' }], { status: 'QUEUED' });
    session.queuedMessages.push(queued);
    let stopped: unknown;
    server.mutations.stopRun = ({ id }) => {
      stopped = id;
      return { ...on, status: 'CANCELLED' };
    };
    const { user } = open(server, address);
    expect(await screen.findByText('Working')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Stop the agent' }));
    await waitFor(() => expect(stopped).toBe(on?.id));
    expect(await screen.findByText('Waiting for its turn')).toBeVisible();
  });

  it('stops the agent by Esc, asking once', async () => {
    const { server, session, address } = chat();
    const run = server.run('RUNNING');
    session.latestRun = run;
    server.mutations.stopRun = ({ id }) => ({ ...run, id, status: 'CANCELLED' });
    const { user } = open(server, address);
    await user.click(await composer());
    await user.keyboard('{Escape}');
    expect(await screen.findByText('Press Esc again to stop the agent')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Stop the agent' })).toBeVisible();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Stop the agent' })).not.toBeInTheDocument());
  });
});
