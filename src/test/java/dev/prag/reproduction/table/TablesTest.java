package dev.prag.reproduction.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.reproduction.Answered;
import dev.prag.reproduction.Series;
import dev.prag.reproduction.Twin;
import dev.prag.reproduction.table.Grid.Cell;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TablesTest {
    private static final String LLAMA = "Llama-3.2-1B-Instruct";
    private static final double[] LOW = {0.0, 0.2, 0.4, 0.1, 0.5, 0.3, 0.25, 0.0};
    private static final double[] HIGH = {0.3, 0.4, 0.5, 0.4, 0.9, 0.2, 0.75, 0.4};

    private static List<String> columns(Grid grid) {
        return grid.columns().stream()
                .map(column -> column.group() + " " + column.name())
                .toList();
    }

    private static List<String> lines(Table table, int block) {
        return table.main().blocks().get(block).lines().stream()
                .map(Grid.Line::name)
                .toList();
    }

    private static Cell cell(Table table, int block, int line, int column) {
        return table.main().blocks().get(block).lines().get(line).cells().get(column);
    }

    static List<Series> table1() {
        List<Series> series = new ArrayList<>();
        for (String model : List.of(LLAMA, "my <model>")) {
            for (String method : List.of("closed-book", "parametric", "in-context")) {
                double[] f1s = method.equals("in-context") ? LOW : HIGH;
                series.add(Made.series(
                        model,
                        "",
                        method,
                        "2wiki",
                        "types",
                        Made.answers("comparison", f1s),
                        List.of(Made.answered("c", "compositional", 0.25))));
                series.add(Made.series(model, "", method, "2wiki", "total", Made.answers("comparison", LOW)));
            }
        }
        series.add(Made.series(LLAMA, "", "parametric", "cwq", "total", Made.answers("x", 1, 0)));
        return series;
    }

    @Test
    void table1HasThePapersRowsAndColumnsInItsOrder() {
        Table table = Tables.of(Twin.TABLE1, table1(), List.of("a note"));
        assertEquals(
                List.of("2WikiMultihopQA Compare", "2WikiMultihopQA Compose", "2WikiMultihopQA Total", "CWQ Total"),
                columns(table.main()));
        assertEquals(List.of("Standard RAG", "P-RAG", "closed-book"), lines(table, 0));
        assertEquals(8, cell(table, 0, 0, 0).n());
        assertEquals("0.4298†*", cell(table, 0, 0, 0).paper().toString());
        assertNull(cell(table, 1, 0, 0).paper(), "another model");
        assertNull(cell(table, 0, 2, 0).paper(), "no method of the paper");
        assertEquals(0.48125, cell(table, 0, 1, 0).value(), 1e-12);
        assertEquals(0.5, cell(table, 0, 1, 3).value());
        assertNull(cell(table, 0, 0, 3).value());
        assertEquals("a note", table.notes().getFirst());
        assertEquals(
                LLAMA + ", Standard RAG, closed-book: no answers to questions of CWQ Total",
                table.notes().get(1));
    }

    /** The p-value is 0.0062 (PairedTestTest). */
    @Test
    void bestSecondAndSignificanceAreOfABlockAndColumn() {
        Table table = Tables.of(Twin.TABLE1, table1(), List.of());
        assertEquals(
                new Grid.Mark(false, true, true, true), cell(table, 0, 0, 0).mark());
        assertEquals(
                new Grid.Mark(true, false, false, false), cell(table, 0, 1, 0).mark());
        assertEquals(
                new Grid.Mark(true, false, false, false), cell(table, 0, 2, 0).mark(), "as good");
        assertEquals(Grid.Mark.NONE, cell(table, 0, 0, 2).mark(), "all are equal");
        assertEquals(Grid.Mark.NONE, cell(table, 0, 1, 3).mark(), "alone");
        assertEquals(
                new Grid.Mark(true, false, false, false), cell(table, 1, 1, 0).mark());
    }

    @Test
    void table2And3AndFigure3AreOfTotals() {
        List<Series> twins = List.of(
                Made.series(LLAMA, "warm", "parametric", "popqa", "total", Made.answers("x", HIGH)),
                Made.series(LLAMA, "random", "parametric", "popqa", "total", Made.answers("x", LOW)));
        Table table2 = Tables.of(Twin.TABLE2, twins, List.of());
        assertEquals(List.of("Rand.", "Warm."), lines(table2, 0));
        assertEquals(List.of("PopQA Total"), columns(table2.main()));
        assertEquals("0.2205", cell(table2, 0, 0, 0).paper().toString());
        assertEquals("0.2035", cell(table2, 0, 1, 0).paper().toString());
        assertEquals(
                new Grid.Mark(false, true, true, false), cell(table2, 0, 0, 0).mark(), "no † here");

        Table table3 = Tables.of(
                Twin.TABLE3,
                List.of(
                        Made.series(LLAMA, "Qwen2.5-1.5B", "parametric", "cwq", "total", Made.answers("x", 1)),
                        Made.series(LLAMA, "mine", "parametric", "cwq", "total", Made.answers("x", 0)),
                        Made.series("other", "mine", "parametric", "cwq", "total", Made.answers("x", 0))),
                List.of());
        assertEquals(List.of("Qwen2.5-1.5B", "mine"), lines(table3, 0));
        assertEquals(List.of("mine"), lines(table3, 1));
        assertEquals("0.3495", cell(table3, 0, 0, 0).paper().toString());

        List<Series> ablations = new ArrayList<>();
        for (String variant : List.of("neither", "no-rewrites", "no-pairs", "both")) {
            ablations.add(Made.series(
                    "demo",
                    variant,
                    "parametric",
                    "demo",
                    "total",
                    Made.answers("single", HIGH),
                    List.of(Made.answered("b", "bridge", 1))));
        }
        Table figure3 = Tables.of(Twin.FIGURE3, ablations, List.of());
        assertEquals(List.of("both", "without QA", "without rewriting", "without both"), lines(figure3, 0));
        assertEquals(List.of("demo bridge", "demo single", "demo Total"), columns(figure3.main()));
        assertEquals(9, cell(figure3, 0, 0, 2).n());
        assertEquals("f1", figure3.main().key());
    }

    @Test
    void table4HasComposingApart() {
        List<Answered> plain = List.of(Made.answered("a", "x", 1, 1, 0, 2, 3), Made.answered("b", "x", 1, 1, 0, 4, 5));
        List<Answered> adapters =
                List.of(Made.answered("a", "x", 1, 1, 0.5, 0.5, 2), Made.answered("b", "x", 1, 1, 1.5, 1.5, 4));
        List<Answered> old = List.of(Made.answered("a", "x", 1, Double.NaN, Double.NaN, Double.NaN, 8));
        Table table = Tables.of(
                Twin.TABLE4,
                List.of(
                        Made.series("Llama-3-8B", "", "in-context", "cwq", "total", plain),
                        Made.series("Llama-3-8B", "", "parametric", "cwq", "total", adapters),
                        Made.series("Llama-3-8B", "", "dragin", "cwq", "total", old)),
                List.of());
        assertEquals(
                List.of("CWQ s", "CWQ +compose", "CWQ speed-up", "CWQ p50", "CWQ p99", "CWQ retrieve", "CWQ generate"),
                columns(table.main()));
        assertEquals(List.of("Standard RAG", "DRAGIN", "P-RAG"), lines(table, 0));
        List<Double> values = table.main().blocks().getFirst().lines().get(2).cells().stream()
                .map(Cell::value)
                .toList();
        assertEquals(List.of(2.0, 1.0, 2.0, 3.0, 3.98, 1.0, 1.0), values);
        assertEquals("2.07", cell(table, 0, 2, 0).paper().toString());
        assertEquals("1.36", cell(table, 0, 2, 2).paper().toString());
        assertTrue(cell(table, 0, 2, 0).mark().best(), "the fewest seconds");
        assertTrue(cell(table, 0, 2, 2).mark().best());
        assertEquals(8, cell(table, 0, 1, 0).value());
        assertNull(cell(table, 0, 1, 1).value(), "composing isn't known");
        assertEquals(0.5, cell(table, 0, 1, 2).value());
        assertTrue(table.notes().stream().anyMatch(note -> note.contains("DRAGIN: the seconds of composing")));
    }

    @Test
    void otherQuestionsAreSaid() {
        List<Series> series = List.of(
                Made.series("m", "", "in-context", "cwq", "total", Made.answers("x", LOW)),
                Made.series("m", "", "parametric", "cwq", "total", Made.answers("x", 1, 1, 1)));
        Table table = Tables.of(Twin.TABLE1, series, List.of());
        assertTrue(table.notes().stream().anyMatch(note -> note.contains("CWQ Total: the rows answered different")));
        assertTrue(cell(table, 0, 0, 0).mark().worseThanBest(), "of the three that both answered");
    }

    @Test
    void secondaryMetrics() {
        Table table = Tables.of(Twin.TABLE1, table1(), List.of());
        assertEquals(
                List.of(
                        "f1",
                        "em",
                        "precision",
                        "recall",
                        "present",
                        "found",
                        "rounds",
                        "tokens",
                        "prompt_tokens",
                        "calibration"),
                table.grids().stream().map(Grid::key).toList());
        Cell calibration = table.grids()
                .getLast()
                .blocks()
                .getFirst()
                .lines()
                .get(1)
                .cells()
                .get(3);
        assertEquals(0.0, calibration.value(), 1e-12, "half sure, and right half of the time");
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Tables.of(Twin.TABLE1, List.of(), List.of()));
        Series one = Made.series("m", "", "in-context", "cwq", "total", Made.answers("x", 1));
        assertThrows(IllegalArgumentException.class, () -> Tables.of(Twin.TABLE1, List.of(one, one), List.of()));
    }

    @Test
    void text() {
        Table table = Tables.of(Twin.TABLE1, table1(), List.of("a note"));
        String expected = """
                Table 1: all methods

                                2WikiMultihopQA                                          CWQ
                                Compare               Compose          Total             Total
                Llama-3.2-1B-Instruct
                  Standard RAG  0.2188²†* (0.4298†*)  0.2500 (0.1064)  0.2188 (0.2520*)  –      (0.3726)
                  P-RAG         0.4813¹   (0.4920)    0.2500 (0.1334)  0.2188 (0.2764)   0.5000 (0.3482*)
                  closed-book   0.4813¹               0.2500           0.2188            –
                my <model>
                  Standard RAG  0.2188²†*             0.2500           0.2188            –
                  P-RAG         0.4813¹               0.2500           0.2188            –
                  closed-book   0.4813¹               0.2500           0.2188            –

                ¹ best, ² second of a model. F1; * significantly worse than the best, † than P-RAG (two-sided paired\
                 t-test over the questions, p < 0.05). In parentheses the paper's: Su et al., Parametric Retrieval\
                 Augmented Generation, 2025, arXiv 2501.15915v1.
                Note: a note
                Note: Llama-3.2-1B-Instruct, Standard RAG, closed-book: no answers to questions of CWQ Total
                Note: my <model>, Standard RAG, P-RAG, closed-book: no answers to questions of CWQ Total
                """;
        assertEquals(expected, table.toText().replace(System.lineSeparator(), "\n"));
        assertFalse(table.toText().lines().anyMatch(line -> line.endsWith(" ")));
    }
}
