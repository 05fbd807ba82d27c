package io.lora4j.parallel;

import java.util.Set;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's workspaces of the calling thread: the memory of a graph's activations, which a thread keeps for the next pass of the same kind.
 * Training and inference use different ones.
 */
final class GraphWorkspaces {
    /** ComputationGraph's names for them; those of single layers' outputs have a number behind theirs. */
    private static final Set<String> NAMES =
            Set.of("WS_ALL_LAYERS_ACT", "WS_LAYER_WORKING_MEM", "WS_OUTPUT_MEM", "WS_RNN_LOOP_WORKING_MEM");

    private static final String LAYER_OUTPUT = "WS_LAYER_ACT_";

    private GraphWorkspaces() {}

    /**
     * Gives their memory back to the system; the next pass makes new ones. Does nothing inside of an open workspace, where arrays of one may
     * still be in use.
     */
    static void release() {
        MemoryWorkspaceManager manager = Nd4j.getWorkspaceManager();
        if (manager.anyWorkspaceActiveForCurrentThread()) {
            return;
        }
        for (MemoryWorkspace workspace : manager.getAllWorkspacesForCurrentThread()) {
            if (NAMES.contains(workspace.getId()) || workspace.getId().startsWith(LAYER_OUTPUT)) {
                manager.destroyWorkspace(workspace);
            }
        }
    }
}
