"""Values that PairedTestTest holds the paired t-test against: python3 make_paired_test.py (scipy).

Prints the two-sided p-values of scipy.stats.ttest_rel for the pairs of samples that the test has.
"""

from scipy import stats

SAMPLES = {
    "clear": (
        [0.0, 0.2, 0.4, 0.1, 0.5, 0.3, 0.25, 0.0],
        [0.3, 0.4, 0.5, 0.4, 0.9, 0.2, 0.75, 0.4],
    ),
    "unclear": (
        [0.0, 0.2, 1.0, 0.1, 0.5, 0.3],
        [0.3, 0.0, 0.5, 0.4, 0.9, 0.2],
    ),
    "two": ([0.0, 1.0], [0.5, 1.0]),
}

for name, (first, second) in SAMPLES.items():
    print(name, repr(float(stats.ttest_rel(first, second).pvalue)))
