package dev.prag.tensor.plain;

import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;

/** Operations that move, add and normalise rows. */
final class PlainRows {
    private PlainRows() {}

    static void embed(Tensor outTensor, Weight table, Tensor idTensor) {
        Matrix out = Matrix.of(outTensor);
        double[] values = PlainWeight.of(table).values();
        for (int r = 0; r < out.rows(); r++) {
            int id = Ids.at(idTensor, r, table.out());
            System.arraycopy(values, id * table.in(), out.data(), out.start(r), table.in());
        }
    }

    static void gather(Tensor outTensor, Tensor xTensor, int[] rows) {
        Matrix out = Matrix.of(outTensor);
        Matrix x = Matrix.of(xTensor);
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(x.data(), x.start(rows[i]), out.data(), out.start(i), x.cols());
        }
    }

    static void scatterAdd(Tensor outTensor, Tensor xTensor, int[] rows) {
        Matrix out = Matrix.of(outTensor);
        Matrix x = Matrix.of(xTensor);
        for (int i = 0; i < rows.length; i++) {
            for (int c = 0; c < x.cols(); c++) {
                out.add(rows[i], c, x.get(i, c));
            }
        }
    }

    static void copy(Tensor dst, Tensor src) {
        Matrix to = Matrix.of(dst);
        Matrix from = Matrix.of(src);
        System.arraycopy(from.data(), from.offset(), to.data(), to.offset(), from.rows() * from.cols());
    }

    static void add(Tensor yTensor, Tensor xTensor) {
        Matrix y = Matrix.of(yTensor);
        Matrix x = Matrix.of(xTensor);
        for (int r = 0; r < y.rows(); r++) {
            for (int c = 0; c < y.cols(); c++) {
                y.add(r, c, x.get(r, c));
            }
        }
    }

    static void rmsNorm(Tensor outTensor, Tensor xTensor, Tensor gainTensor, float eps) {
        Matrix out = Matrix.of(outTensor);
        Matrix x = Matrix.of(xTensor);
        Matrix gain = Matrix.of(gainTensor);
        for (int r = 0; r < x.rows(); r++) {
            double inverse = inverseRootMeanSquare(x, r, eps);
            for (int c = 0; c < x.cols(); c++) {
                out.set(r, c, x.get(r, c) * inverse * gain.get(0, c));
            }
        }
    }

    /** With s = 1/√(mean(x²) + eps) and g = dout ⊙ gain: dx += s·g - x·s³·mean(g ⊙ x). */
    static void rmsNormBackward(Tensor dxTensor, Tensor doutTensor, Tensor xTensor, Tensor gainTensor, float eps) {
        Matrix dx = Matrix.of(dxTensor);
        Matrix dout = Matrix.of(doutTensor);
        Matrix x = Matrix.of(xTensor);
        Matrix gain = Matrix.of(gainTensor);
        for (int r = 0; r < x.rows(); r++) {
            double inverse = inverseRootMeanSquare(x, r, eps);
            double dot = 0;
            for (int c = 0; c < x.cols(); c++) {
                dot += dout.get(r, c) * gain.get(0, c) * x.get(r, c);
            }
            double shared = inverse * inverse * inverse * dot / x.cols();
            for (int c = 0; c < x.cols(); c++) {
                dx.add(r, c, inverse * dout.get(r, c) * gain.get(0, c) - x.get(r, c) * shared);
            }
        }
    }

    private static double inverseRootMeanSquare(Matrix x, int row, float eps) {
        double sum = 0;
        for (int c = 0; c < x.cols(); c++) {
            sum += x.get(row, c) * x.get(row, c);
        }
        return 1 / Math.sqrt(sum / x.cols() + eps);
    }

    static void swiglu(Tensor outTensor, Tensor gateTensor, Tensor upTensor) {
        Matrix out = Matrix.of(outTensor);
        Matrix gate = Matrix.of(gateTensor);
        Matrix up = Matrix.of(upTensor);
        for (int r = 0; r < out.rows(); r++) {
            for (int c = 0; c < out.cols(); c++) {
                out.set(r, c, gate.get(r, c) * sigmoid(gate.get(r, c)) * up.get(r, c));
            }
        }
    }

    /** silu'(g) = σ(g)·(1 + g·(1 - σ(g))). */
    static void swigluBackward(
            Tensor dgateTensor, Tensor dupTensor, Tensor doutTensor, Tensor gateTensor, Tensor upTensor) {
        Matrix dgate = Matrix.of(dgateTensor);
        Matrix dup = Matrix.of(dupTensor);
        Matrix dout = Matrix.of(doutTensor);
        Matrix gate = Matrix.of(gateTensor);
        Matrix up = Matrix.of(upTensor);
        for (int r = 0; r < dout.rows(); r++) {
            for (int c = 0; c < dout.cols(); c++) {
                double g = gate.get(r, c);
                double sigmoid = sigmoid(g);
                double flowing = dout.get(r, c);
                dgate.set(r, c, flowing * up.get(r, c) * sigmoid * (1 + g * (1 - sigmoid)));
                dup.set(r, c, flowing * g * sigmoid);
            }
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
