import type { DataSource } from 'typeorm';
import { User } from '../users/user.entity.ts';
import { Logins } from './logins.ts';
import { OWNER_ID } from './owner.ts';
import { isSameSecret } from './secret.ts';
import { Viewer } from './viewer.ts';

/** What a request brings along to say who sent it. */
export interface Credentials {
  /** The Authorization header, or the connection parameter of that name. */
  readonly authorization?: string | undefined;
  /** What the login cookie holds. */
  readonly loginSecret?: string | undefined;
}

/** Who sent a request, and by what. */
export interface Identity {
  /** Null when nobody is signed in. */
  readonly viewer: Viewer | null;
  /** The login it came with; null for bearer tokens and for nobody. */
  readonly loginId: number | null;
  /** Whether the cookie should be set again, so that it lasts as long as the login. */
  readonly wasRenewed: boolean;
  /** Ends the login the request came with; false when there was none. */
  signOut(): Promise<boolean>;
}

/** A bearer token was sent, and it is not one of ours. */
export class BadToken extends Error {
  override readonly name = 'BadToken';

  constructor() {
    super('This bearer token is not valid here. Compare it with KOSUKE_OWNER_TOKEN of the server.');
  }
}

/** Who is asking. */
export class Authentication {
  private readonly logins: Logins;

  constructor(
    private readonly dataSource: DataSource,
    private readonly ownerToken: string | undefined,
  ) {
    this.logins = new Logins(dataSource);
  }

  /** A bearer token goes before a cookie. @throws BadToken */
  async identify({ authorization, loginSecret }: Credentials): Promise<Identity> {
    const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token) return { ...nobody, viewer: await this.viewerOf(token) };
    const login = loginSecret ? await this.logins.find(loginSecret) : null;
    if (!login) return nobody;
    const { id, viewer, wasRenewed } = login;
    return {
      viewer,
      loginId: id,
      wasRenewed,
      signOut: async () => {
        await this.logins.end(id);
        return true;
      },
    };
  }

  /** Whether a request of this identity would still be taken; sockets outlive logins. */
  async stillHolds({ loginId }: Identity): Promise<boolean> {
    return loginId === null || this.logins.lasts(loginId);
  }

  private async viewerOf(token: string): Promise<Viewer> {
    if (!this.ownerToken || !isSameSecret(token, this.ownerToken)) throw new BadToken();
    const { id, name, email } = await this.dataSource.manager.findOneByOrFail(User, { id: OWNER_ID });
    return new Viewer({ id, name, email, isOwner: true });
  }
}

const nobody: Identity = { viewer: null, loginId: null, wasRenewed: false, signOut: async () => false };
