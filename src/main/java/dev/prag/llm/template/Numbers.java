package dev.prag.llm.template;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Python's int (of any size; bools are ints) and float. */
final class Numbers {
    /** Powers past this many bits are refused. */
    private static final int MAX_BITS = 100_000;
    /** The longest text that Python takes for an int. */
    static final int MAX_DIGITS = 4300;

    private Numbers() {}

    static Object parse(String digits) {
        if (digits.length() > MAX_DIGITS) {
            throw new TemplateException("a number of " + digits.length() + " digits is too long");
        }
        return normal(new BigInteger(digits));
    }

    /** A Long where it fits. */
    static Object normal(BigInteger value) {
        return value.bitLength() < 64 ? (Object) value.longValue() : value;
    }

    static boolean isInt(Object value) {
        return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
    }

    static boolean isNumber(Object value) {
        return value instanceof Double || isInt(value);
    }

    static BigInteger big(Object value) {
        return switch (value) {
            case BigInteger i -> i;
            case Boolean b -> b ? BigInteger.ONE : BigInteger.ZERO;
            default -> BigInteger.valueOf((Long) value);
        };
    }

    static double real(Object value) {
        return value instanceof Double d ? d : big(value).doubleValue();
    }

    static int compare(Object left, Object right) {
        if (left instanceof Double || right instanceof Double) {
            double l = real(left);
            double r = real(right);
            return l < r ? -1 : l > r ? 1 : 0;
        }
        return big(left).compareTo(big(right));
    }

    /** Two numbers under + - * / // % or **. */
    static Object calculate(String operator, Object left, Object right) {
        boolean ints = isInt(left) && isInt(right);
        if (ints && (long) big(left).bitLength() + big(right).bitLength() > MAX_BITS) {
            throw new TemplateException("a number is too large");
        }
        return switch (operator) {
            case "+" -> ints ? normal(big(left).add(big(right))) : (Object) (real(left) + real(right));
            case "-" -> ints ? normal(big(left).subtract(big(right))) : (Object) (real(left) - real(right));
            case "*" -> ints ? normal(big(left).multiply(big(right))) : (Object) (real(left) * real(right));
            case "/" -> {
                refuseZero(right, ints ? "division by zero" : "float division by zero");
                yield real(left) / real(right);
            }
            case "//" -> {
                refuseZero(right, ints ? "integer division or modulo by zero" : "float floor division by zero");
                yield ints
                        ? normal(floorDivide(big(left), big(right))[0])
                        : (Object) floorDivide(real(left), real(right));
            }
            case "%" -> {
                refuseZero(right, ints ? "integer modulo by zero" : "float modulo");
                yield ints ? normal(floorDivide(big(left), big(right))[1]) : (Object) modulo(real(left), real(right));
            }
            default -> power(left, right, ints);
        };
    }

    private static void refuseZero(Object divisor, String reason) {
        if (real(divisor) == 0) {
            throw new TemplateException(reason);
        }
    }

    private static BigInteger[] floorDivide(BigInteger left, BigInteger right) {
        BigInteger[] result = left.divideAndRemainder(right);
        if (result[1].signum() != 0 && result[1].signum() != right.signum()) {
            result[0] = result[0].subtract(BigInteger.ONE);
            result[1] = result[1].add(right);
        }
        return result;
    }

    private static double floorDivide(double left, double right) {
        double quotient = (left - modulo(left, right)) / right;
        if (quotient == 0) {
            return Math.copySign(0, left / right);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double modulo(double left, double right) {
        double rest = left % right;
        if (rest == 0) {
            return Math.copySign(0, right);
        }
        return rest < 0 != right < 0 ? rest + right : rest;
    }

    private static Object power(Object base, Object exponent, boolean ints) {
        if (ints && big(exponent).signum() >= 0) {
            BigInteger b = big(base);
            if (Math.multiplyHigh(b.bitLength(), big(exponent).longValue()) != 0
                    || big(exponent).bitLength() > 31
                    || b.bitLength() * big(exponent).longValue() > MAX_BITS) {
                throw new TemplateException("the power is too large");
            }
            return normal(b.pow(big(exponent).intValue()));
        }
        if (real(base) == 0 && real(exponent) < 0) {
            throw new TemplateException("0.0 cannot be raised to a negative power");
        }
        return Math.pow(real(base), real(exponent));
    }

    static Object negate(Object value) {
        return value instanceof Double d ? (Object) (-d) : normal(big(value).negate());
    }

    /** As {@code repr} of a float: the shortest digits that read back the same. */
    static String repr(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String rest = digits.length() > 1 ? "." + digits.substring(1) : "";
            return sign + digits.charAt(0) + rest + "e" + (exponent < 0 ? "-" : "+")
                    + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        }
        String plain = shortest.abs().toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }
}
