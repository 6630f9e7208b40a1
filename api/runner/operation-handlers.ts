import type { BaseUpdater } from '../base-updates/base-updater.ts';
import type { Git } from '../git/git.ts';
import { WorkspaceOperationKind } from '../operations/operation.entity.ts';
import type { OperationHandler, OperationHandlers } from '../operations/operation-handler.ts';
import type { SubmoduleCheckout } from '../submodules/submodule-checkout.ts';
import type { TimeTraveller } from '../time-travel/time-traveller.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { Archive } from './archive.ts';
import type { Preparation } from './preparation.ts';
import { repairBranch } from './repair-branch.ts';

/** What this runner has to carry operations out. */
export interface OperationParts {
  git: Git;
  store: WorkspaceStore;
  preparation: Preparation;
  timeTraveller: TimeTraveller;
  baseUpdater: BaseUpdater;
  setup: OperationHandler;
  submoduleCheckout: SubmoduleCheckout;
  archive: Archive;
}

/** Who carries out which operation. */
export function operationHandlers(parts: OperationParts): OperationHandlers {
  const { timeTraveller, baseUpdater, setup, submoduleCheckout, archive } = parts;
  return {
    [WorkspaceOperationKind.REPAIR_BRANCH]: repairBranch(parts),
    [WorkspaceOperationKind.REWIND]: (context) => timeTraveller.rewind(context),
    [WorkspaceOperationKind.RESTORE_REWIND]: (context) => timeTraveller.restore(context),
    [WorkspaceOperationKind.UNDO_TURN]: (context) => timeTraveller.undoTurn(context),
    [WorkspaceOperationKind.CHECK_OUT_SUBMODULE]: (context) => submoduleCheckout.checkOut(context),
    [WorkspaceOperationKind.UPDATE_FROM_BASE]: (context) => baseUpdater.advance(context),
    [WorkspaceOperationKind.COMPLETE_BASE_UPDATE]: (context) => baseUpdater.advance(context),
    [WorkspaceOperationKind.ABORT_BASE_UPDATE]: (context) => baseUpdater.abort(context),
    [WorkspaceOperationKind.SETUP]: setup,
    [WorkspaceOperationKind.ARCHIVE]: (context) => archive.free(context),
    [WorkspaceOperationKind.FREE]: (context) => archive.free(context),
    [WorkspaceOperationKind.UNARCHIVE]: (context) => archive.bringBack(context),
  };
}
