package io.lora4j.recipes.plot;

import java.math.BigDecimal;
import java.math.MathContext;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;

/** Numbers at the ticks of a logarithmic axis: 0.01, 1, 10000, 1e-6. The same in every locale. */
final class TickText extends NumberFormat {
    private static final long serialVersionUID = 1;

    @Override
    public StringBuffer format(double number, StringBuffer to, FieldPosition position) {
        BigDecimal value = new BigDecimal(number, new MathContext(3)).stripTrailingZeros();
        double size = Math.abs(number);
        if (size == 0 || (size >= 1e-2 * 0.99 && size < 1e5)) {
            return to.append(value.toPlainString());
        }
        int exponent = value.precision() - value.scale() - 1;
        return to.append(value.movePointLeft(exponent).stripTrailingZeros().toPlainString())
                .append('e')
                .append(exponent);
    }

    @Override
    public StringBuffer format(long number, StringBuffer to, FieldPosition position) {
        return format((double) number, to, position);
    }

    @Override
    public Number parse(String text, ParsePosition position) {
        throw new UnsupportedOperationException("ticks are written, not read");
    }
}
