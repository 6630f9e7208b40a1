import type { DataSource } from 'typeorm';

/** What a conversation is told of the setup of its workspace. */
export class SetupNotices {
  constructor(private readonly dataSource: DataSource) {}

  /** Why the newest setup did not work out, told once; null when there is nothing to tell. */
  async take(sessionKey: number): Promise<string | null> {
    const [rows] = (await this.dataSource.query(
      `UPDATE setup_runs SET told_at = now()
       WHERE id = (SELECT id FROM setup_runs WHERE chat_session_id = $1 ORDER BY id DESC LIMIT 1)
         AND status IN ('failed', 'stopped') AND told_at IS NULL RETURNING message`,
      [sessionKey],
    )) as [{ message: string | null }[], number];
    const [told] = rows;
    return told ? `This workspace is not set up. ${told.message ?? ''} The log of the setup says more.` : null;
  }
}
