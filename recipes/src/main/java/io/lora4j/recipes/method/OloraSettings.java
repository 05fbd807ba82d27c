package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.OloraInit;

/**
 * OLoRA: the adapters start from the leading part of a QR decomposition of W, and W is shifted; the output stays.
 *
 * @param composition what the start is combined with
 */
public record OloraSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN);

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "olora",
            "OLoRA: A and B from a QR decomposition of W, W shifted",
            "Buyukakyuz 2024, arXiv 2406.01775; PEFT 0.21 lora/layer.py, olora_init",
            CompositionRules.keys(),
            RULES.reading(OloraSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new OloraInit();
    }
}
