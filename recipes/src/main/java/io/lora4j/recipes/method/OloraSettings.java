package io.lora4j.recipes.method;

import io.lora4j.init.OloraInit;
import io.lora4j.optim.UniformGroups;
import java.util.List;
import java.util.Map;

/** OLoRA: the adapters start from the leading part of a QR decomposition of W, and W is shifted; the output stays. */
public record OloraSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "olora",
            "OLoRA: A and B from a QR decomposition of W, W shifted",
            "Buyukakyuz 2024, arXiv 2406.01775; PEFT 0.21 lora/layer.py, olora_init",
            List.of(),
            values -> new OloraSettings());

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of();
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.Adapters(new OloraInit(), new UniformGroups(false));
    }
}
