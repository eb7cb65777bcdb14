package dev.prag.tensor.plain;

import dev.prag.tensor.AttentionShape;
import dev.prag.tensor.BFloat16;
import dev.prag.tensor.DType;
import dev.prag.tensor.KvLayer;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Rotary positions, the paged cache and attention. */
final class PlainAttention {
    private PlainAttention() {}

    /** Rotates by +angle (sign 1) or back (sign -1). */
    static void rope(Tensor xTensor, Tensor positions, Tensor cosTensor, Tensor sinTensor, int headDim, int sign) {
        Matrix x = Matrix.of(xTensor);
        Matrix cos = Matrix.of(cosTensor);
        Matrix sin = Matrix.of(sinTensor);
        int half = headDim / 2;
        for (int r = 0; r < x.rows(); r++) {
            int position = Ids.at(positions, r, cos.rows());
            for (int head = 0; head < x.cols(); head += headDim) {
                for (int i = 0; i < half; i++) {
                    double c = cos.get(position, i);
                    double s = sign * sin.get(position, i);
                    double first = x.get(r, head + i);
                    double second = x.get(r, head + half + i);
                    x.set(r, head + i, first * c - second * s);
                    x.set(r, head + half + i, second * c + first * s);
                }
            }
        }
    }

    static void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        for (Span span : spans) {
            if (span.cached()) {
                for (int i = 0; i < span.rows(); i++) {
                    int place = cacheRow(cache.blockSize(), span, span.position() + i);
                    copyRow(cache.keys(), place, k, span.row() + i);
                    copyRow(cache.values(), place, v, span.row() + i);
                }
            }
        }
    }

    private static void copyRow(Tensor dst, int dstRow, Tensor src, int srcRow) {
        Matrix to = Matrix.of(dst);
        Matrix from = Matrix.of(src);
        for (int c = 0; c < from.cols(); c++) {
            double value = from.get(srcRow, c);
            to.set(dstRow, c, dst.dtype() == DType.BF16 ? BFloat16.round((float) value) : value);
        }
    }

    private static int cacheRow(int blockSize, Span span, int position) {
        return span.blocks()[position / blockSize] * blockSize + position % blockSize;
    }

    static void attention(
            Tensor outTensor,
            Tensor qTensor,
            Tensor kTensor,
            Tensor vTensor,
            AttentionShape shape,
            KvLayer cache,
            List<Span> spans) {
        Matrix out = Matrix.of(outTensor);
        Matrix q = Matrix.of(qTensor);
        for (Span span : spans) {
            Sequence keys = Sequence.keys(cache, kTensor, span);
            Sequence values = Sequence.values(cache, vTensor, span);
            for (int h = 0; h < shape.heads(); h++) {
                for (int i = 0; i < span.rows(); i++) {
                    double[] weights = weights(q, keys, shape, span, h, i);
                    for (int d = 0; d < shape.headDim(); d++) {
                        double sum = 0;
                        for (int p = 0; p < weights.length; p++) {
                            sum += weights[p] * values.get(p, kvCol(shape, h) + d);
                        }
                        out.set(span.row() + i, h * shape.headDim() + d, sum);
                    }
                }
            }
        }
    }

    static void weights(
            Tensor outTensor, Tensor qTensor, Tensor kTensor, AttentionShape shape, KvLayer cache, Span span) {
        Matrix out = Matrix.of(outTensor);
        Matrix q = Matrix.of(qTensor);
        Sequence keys = Sequence.keys(cache, kTensor, span);
        for (int h = 0; h < shape.heads(); h++) {
            for (int i = 0; i < span.rows(); i++) {
                double[] weights = weights(q, keys, shape, span, h, i);
                for (int p = 0; p < out.cols(); p++) {
                    out.set(h * span.rows() + i, p, p < weights.length ? weights[p] : 0);
                }
            }
        }
    }

    /**
     * With weights a = softmax(s), da[p] = dout·v[p] and ds[p] = a[p]·(da[p] - Σ a·da): dv[p] += a[p]·dout,
     * dq += ds[p]·k[p]/√headDim, dk[p] += ds[p]·q/√headDim. Cached positions get nothing.
     */
    static void attentionBackward(
            Tensor dqTensor,
            Tensor dkTensor,
            Tensor dvTensor,
            Tensor doutTensor,
            Tensor qTensor,
            Tensor kTensor,
            Tensor vTensor,
            AttentionShape shape,
            KvLayer cache,
            List<Span> spans) {
        Matrix dq = Matrix.of(dqTensor);
        Matrix dk = Matrix.of(dkTensor);
        Matrix dv = Matrix.of(dvTensor);
        Matrix dout = Matrix.of(doutTensor);
        Matrix q = Matrix.of(qTensor);
        double scale = 1 / Math.sqrt(shape.headDim());
        for (Span span : spans) {
            Sequence keys = Sequence.keys(cache, kTensor, span);
            Sequence values = Sequence.values(cache, vTensor, span);
            clear(dq, span);
            clear(dk, span);
            clear(dv, span);
            for (int h = 0; h < shape.heads(); h++) {
                int qCol = h * shape.headDim();
                int kvCol = kvCol(shape, h);
                for (int i = 0; i < span.rows(); i++) {
                    int row = span.row() + i;
                    double[] weights = weights(q, keys, shape, span, h, i);
                    double[] dweights = new double[weights.length];
                    double shared = 0;
                    for (int p = 0; p < weights.length; p++) {
                        for (int d = 0; d < shape.headDim(); d++) {
                            dweights[p] += dout.get(row, qCol + d) * values.get(p, kvCol + d);
                        }
                        shared += weights[p] * dweights[p];
                    }
                    for (int p = 0; p < weights.length; p++) {
                        double dscore = weights[p] * (dweights[p] - shared) * scale;
                        int own = p - span.position();
                        for (int d = 0; d < shape.headDim(); d++) {
                            dq.add(row, qCol + d, dscore * keys.get(p, kvCol + d));
                            if (own >= 0) {
                                dk.add(span.row() + own, kvCol + d, dscore * q.get(row, qCol + d));
                                dv.add(span.row() + own, kvCol + d, weights[p] * dout.get(row, qCol + d));
                            }
                        }
                    }
                }
            }
        }
    }

    private static void clear(Matrix x, Span span) {
        for (int r = span.row(); r < span.row() + span.rows(); r++) {
            for (int c = 0; c < x.cols(); c++) {
                x.set(r, c, 0);
            }
        }
    }

    /** Softmax of the scores of the span's i-th row and head h over all positions up to its own. */
    private static double[] weights(Matrix q, Sequence keys, AttentionShape shape, Span span, int h, int i) {
        double[] scores = new double[span.position() + i + 1];
        double scale = 1 / Math.sqrt(shape.headDim());
        for (int p = 0; p < scores.length; p++) {
            double dot = 0;
            for (int d = 0; d < shape.headDim(); d++) {
                dot += q.get(span.row() + i, h * shape.headDim() + d) * keys.get(p, kvCol(shape, h) + d);
            }
            scores[p] = dot * scale;
        }
        Softmax.inPlace(scores);
        return scores;
    }

    /** First column of the key/value head that query head h reads. */
    private static int kvCol(AttentionShape shape, int h) {
        return h / (shape.heads() / shape.kvHeads()) * shape.headDim();
    }

    /** Keys or values of one span by position: cached ones first, then the span's own rows. */
    private record Sequence(Matrix cached, Matrix own, int blockSize, Span span) {
        static Sequence keys(KvLayer cache, Tensor own, Span span) {
            return of(cache, cache == null ? null : cache.keys(), own, span);
        }

        static Sequence values(KvLayer cache, Tensor own, Span span) {
            return of(cache, cache == null ? null : cache.values(), own, span);
        }

        private static Sequence of(KvLayer cache, Tensor cached, Tensor own, Span span) {
            return cache == null
                    ? new Sequence(null, Matrix.of(own), 0, span)
                    : new Sequence(Matrix.of(cached), Matrix.of(own), cache.blockSize(), span);
        }

        double get(int position, int col) {
            if (position >= span.position()) {
                return own.get(span.row() + position - span.position(), col);
            }
            return cached.get(cacheRow(blockSize, span, position), col);
        }
    }
}
