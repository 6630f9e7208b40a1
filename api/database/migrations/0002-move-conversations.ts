import { randomBytes } from 'node:crypto';

interface Queries {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** Projects are given their sessions in portions, so that a big table needs no big memory. */
const PORTION = 1000;

/**
 * Gives each project its default session and moves the messages that are in no session yet into it, in the order they
 * were said. Messages whose project is not there go to a project of their own. Does nothing the second time.
 */
export async function moveConversations(db: Queries): Promise<void> {
  await dateUndatedMessages(db);
  await adoptOrphans(db);
  while (await addDefaultSessions(db)) {
    // The next portion.
  }
  await moveMessages(db);
}

/** A message without a time takes the time of the one before it in its project. */
async function dateUndatedMessages(db: Queries): Promise<void> {
  await db.query(`
    UPDATE chat_messages m SET timestamp = coalesce(
      (SELECT max(before.timestamp) FROM chat_messages before
       WHERE before.project_id IS NOT DISTINCT FROM m.project_id AND before.id < m.id),
      (SELECT created_at FROM projects p WHERE p.id = m.project_id),
      now())
    WHERE timestamp IS NULL`);
}

/**
 * One recovered project for each owner of orphans, and one without owner for those nobody owns. The agent's words often
 * name no user: then they belong to whoever spoke in the same lost project.
 */
async function adoptOrphans(db: Queries): Promise<void> {
  await db.query(`
    WITH orphans AS (
      SELECT m.id, m.timestamp, m.project_id AS lost_project_id, u.clerk_user_id AS user_id
      FROM chat_messages m LEFT JOIN users u ON u.clerk_user_id = m.user_id
      WHERE m.chat_session_id IS NULL AND NOT EXISTS (SELECT FROM projects p WHERE p.id = m.project_id)
    ), settled AS (
      SELECT id, timestamp, coalesce(user_id, CASE WHEN lost_project_id IS NOT NULL THEN first_value(user_id) OVER (
        PARTITION BY lost_project_id ORDER BY (user_id IS NULL), timestamp, id) END) AS user_id
      FROM orphans
    ), recovered AS (
      INSERT INTO projects (name, description, user_id, source_kind, source, status, created_at, updated_at)
      SELECT 'Recovered conversations', 'Messages whose project was no longer there when this server was upgraded.',
             user_id, 'template', 'EMPTY', 'preparing', min(timestamp), now()
      FROM settled GROUP BY user_id
      RETURNING id, user_id
    )
    UPDATE chat_messages m SET project_id = recovered.id
    FROM settled JOIN recovered ON recovered.user_id IS NOT DISTINCT FROM settled.user_id
    WHERE m.id = settled.id`);
}

async function addDefaultSessions(db: Queries): Promise<boolean> {
  const projects = (await db.query(
    `SELECT id FROM projects p
     WHERE NOT EXISTS (SELECT FROM chat_sessions s WHERE s.project_id = p.id AND s.is_default)
     ORDER BY id LIMIT ${PORTION}`,
  )) as { id: number }[];
  if (projects.length === 0) return false;
  await db.query(
    `WITH new AS (SELECT * FROM unnest($1::int[], $2::text[]) AS new(project_id, session_id))
     INSERT INTO chat_sessions (project_id, user_id, title, session_id, github_branch_name, base_branch, is_default,
                                created_at, updated_at, last_activity_at, message_count, last_message_number)
     SELECT p.id, p.user_id, 'Main conversation', new.session_id, 'kosuke-chat-' || new.session_id, p.default_branch, TRUE,
            p.created_at, p.created_at, coalesce(said.newest, p.created_at), said.count, said.count
     FROM new JOIN projects p ON p.id = new.project_id
     CROSS JOIN LATERAL (
       SELECT max(timestamp) AS newest, count(*) AS count FROM chat_messages m
       WHERE m.project_id = p.id AND m.chat_session_id IS NULL
     ) said`,
    [projects.map(({ id }) => id), projects.map(() => randomSessionId())],
  );
  return true;
}

async function moveMessages(db: Queries): Promise<void> {
  await db.query(`
    WITH moving AS (
      SELECT m.id, s.id AS session_id, row_number() OVER (PARTITION BY s.id ORDER BY m.timestamp, m.id) AS number
      FROM chat_messages m JOIN chat_sessions s ON s.project_id = m.project_id AND s.is_default
      WHERE m.chat_session_id IS NULL
    ), moved AS (
      UPDATE chat_messages m SET chat_session_id = moving.session_id, number = moving.number
      FROM moving WHERE m.id = moving.id
      RETURNING m.id, m.content
    )
    INSERT INTO message_parts (message_id, position, kind, text)
    SELECT id, 0, 'text', content FROM moved`);
}

/** 12 characters of a-z and 0-9; bytes that would make some of them likelier are drawn again. */
function randomSessionId(): string {
  let id = '';
  while (id.length < 12) {
    const [byte = 255] = randomBytes(1);
    if (byte < 252) id += (byte % 36).toString(36);
  }
  return id;
}
