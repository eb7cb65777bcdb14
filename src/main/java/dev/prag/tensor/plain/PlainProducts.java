package dev.prag.tensor.plain;

import dev.prag.tensor.DType;
import dev.prag.tensor.LoraBound;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.util.Arrays;
import java.util.List;

/** Products with frozen weights, and the low-rank side branches beside them. */
final class PlainProducts {
    private PlainProducts() {}

    static void matmul(Tensor yTensor, Tensor xTensor, Weight weight, Tensor bias) {
        Matrix y = Matrix.of(yTensor);
        Matrix x = Matrix.of(xTensor);
        if (weight.dtype() == DType.I8) {
            matmulInt8(y, x, PlainWeight.of(weight).quantised(), bias == null ? null : Matrix.of(bias));
            return;
        }
        double[] w = PlainWeight.of(weight).values();
        for (int r = 0; r < x.rows(); r++) {
            for (int o = 0; o < y.cols(); o++) {
                double sum = bias == null ? 0 : Matrix.of(bias).get(0, o);
                for (int i = 0; i < x.cols(); i++) {
                    sum += x.get(r, i) * w[o * x.cols() + i];
                }
                y.set(r, o, sum);
            }
        }
    }

    private static void matmulInt8(Matrix y, Matrix xMatrix, QuantisedRows w, Matrix bias) {
        double[] activations = Arrays.copyOfRange(xMatrix.data(), xMatrix.start(0), xMatrix.start(xMatrix.rows()));
        QuantisedRows x = QuantisedRows.ofActivations(activations, xMatrix.rows(), xMatrix.cols());
        for (int r = 0; r < x.rows(); r++) {
            for (int o = 0; o < w.rows(); o++) {
                long sum = 0;
                for (int i = 0; i < x.cols(); i++) {
                    sum += (long) x.integer(r, i) * w.integer(o, i);
                }
                double scale = (double) x.scales()[r] * w.scales()[o];
                y.set(r, o, sum * scale + (bias == null ? 0 : bias.get(0, o)));
            }
        }
    }

    static void matmulBackward(Tensor dx, Tensor dy, Weight weight, boolean accumulate) {
        if (weight.dtype() == DType.I8) {
            QuantisedRows w = PlainWeight.of(weight).quantised();
            matmulBackwardInt8(Matrix.of(dx), Matrix.of(dy), w, accumulate);
        } else {
            matmulBackward(Matrix.of(dx), Matrix.of(dy), PlainWeight.of(weight).values(), accumulate);
        }
    }

    static void logitsBackward(Tensor dx, Tensor dlogits, Weight head) {
        matmulBackward(Matrix.of(dx), Matrix.of(dlogits), PlainWeight.of(head).values(), false);
    }

    private static void matmulBackward(Matrix dx, Matrix dy, double[] w, boolean accumulate) {
        double[] row = new double[dx.cols()];
        for (int r = 0; r < dy.rows(); r++) {
            Arrays.fill(row, 0);
            for (int o = 0; o < dy.cols(); o++) {
                double flowing = dy.get(r, o);
                for (int i = 0; i < row.length; i++) {
                    row[i] += flowing * w[o * row.length + i];
                }
            }
            for (int i = 0; i < row.length; i++) {
                dx.set(r, i, accumulate ? dx.get(r, i) + row[i] : row[i]);
            }
        }
    }

    private static void matmulBackwardInt8(Matrix dx, Matrix dyMatrix, QuantisedRows w, boolean accumulate) {
        double[] scaled = new double[dyMatrix.rows() * dyMatrix.cols()];
        for (int r = 0; r < dyMatrix.rows(); r++) {
            for (int o = 0; o < w.rows(); o++) {
                scaled[r * w.rows() + o] = (float) dyMatrix.get(r, o) * w.scales()[o];
            }
        }
        QuantisedRows dy = QuantisedRows.of(scaled, dyMatrix.rows(), dyMatrix.cols());
        for (int r = 0; r < dy.rows(); r++) {
            for (int i = 0; i < w.cols(); i++) {
                long sum = 0;
                for (int o = 0; o < w.rows(); o++) {
                    sum += (long) dy.integer(r, o) * w.integer(o, i);
                }
                double value = (double) dy.scales()[r] * sum;
                dx.set(r, i, accumulate ? dx.get(r, i) + value : value);
            }
        }
    }

    static void lora(Tensor yTensor, Tensor xTensor, Tensor slab, List<LoraSpan> spans) {
        Matrix y = Matrix.of(yTensor);
        Matrix x = Matrix.of(xTensor);
        Matrix all = Matrix.of(slab);
        for (LoraSpan span : spans) {
            for (LoraSpan.Part part : span.parts()) {
                Matrix a = all.part(part.a(), part.rank(), x.cols());
                Matrix b = all.part(part.b(), part.rank(), y.cols());
                for (int row = span.row(); row < span.row() + span.rows(); row++) {
                    for (int r = 0; r < part.rank(); r++) {
                        double low = part.scale() * dot(x, row, a, r);
                        for (int o = 0; o < y.cols(); o++) {
                            y.add(row, o, low * b.get(r, o));
                        }
                    }
                }
            }
        }
    }

    /**
     * With h = x·Aᵀ and dh = scale·dy·Bᵀ: dx += dh·A, dA += dhᵀ·x, dB += scale·hᵀ·dy (B transposed, as it lies).
     */
    static void loraBackward(
            Tensor dxTensor, Tensor grads, Tensor dyTensor, Tensor xTensor, Tensor slab, List<LoraSpan> spans) {
        Matrix dx = dxTensor == null ? null : Matrix.of(dxTensor);
        Matrix dy = Matrix.of(dyTensor);
        Matrix x = Matrix.of(xTensor);
        for (LoraSpan span : spans) {
            for (LoraSpan.Part part : span.parts()) {
                Matrix a = Matrix.of(slab).part(part.a(), part.rank(), x.cols());
                Matrix b = Matrix.of(slab).part(part.b(), part.rank(), dy.cols());
                Matrix da = Matrix.of(grads).part(part.a(), part.rank(), x.cols());
                Matrix db = Matrix.of(grads).part(part.b(), part.rank(), dy.cols());
                for (int row = span.row(); row < span.row() + span.rows(); row++) {
                    for (int r = 0; r < part.rank(); r++) {
                        double low = part.scale() * dot(x, row, a, r);
                        double dlow = part.scale() * dot(dy, row, b, r);
                        for (int i = 0; i < x.cols(); i++) {
                            da.add(r, i, dlow * x.get(row, i));
                            if (dx != null) {
                                dx.add(row, i, dlow * a.get(r, i));
                            }
                        }
                        for (int o = 0; o < dy.cols(); o++) {
                            db.add(r, o, low * dy.get(row, o));
                        }
                    }
                }
            }
        }
    }

    static void boundLora(Tensor slab, List<LoraBound> bounds) {
        for (LoraBound bound : bounds) {
            LoraSpan.Part part = bound.part();
            Matrix a = Matrix.of(slab).part(part.a(), part.rank(), bound.in());
            Matrix b = Matrix.of(slab).part(part.b(), part.rank(), bound.out());
            double square = 0;
            for (int o = 0; o < bound.out(); o++) {
                for (int i = 0; i < bound.in(); i++) {
                    double update = 0;
                    for (int r = 0; r < part.rank(); r++) {
                        update += part.scale() * b.get(r, o) * a.get(r, i);
                    }
                    square += update * update;
                }
            }
            double factor = Math.min(1, bound.most() / Math.sqrt(square));
            for (int r = 0; r < part.rank(); r++) {
                for (int o = 0; o < bound.out(); o++) {
                    b.set(r, o, factor * b.get(r, o));
                }
            }
        }
    }

    private static double dot(Matrix x, int xRow, Matrix y, int yRow) {
        double sum = 0;
        for (int c = 0; c < x.cols(); c++) {
            sum += x.get(xRow, c) * y.get(yRow, c);
        }
        return sum;
    }
}
