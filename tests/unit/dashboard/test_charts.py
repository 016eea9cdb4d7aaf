import pytest

from apps.dashboard.presenters import charts
from apps.dashboard.templatetags.slots import slots

ONE = [charts.Series("added")]
TWO = [charts.Series("searches", "searches"), charts.Series("adds", "adds", 2)]


def points(*values, unfinished=False, failed=0):
    last = len(values) - 1
    return [
        charts.Point(
            str(n),
            f"day {n}",
            value if isinstance(value, tuple) else (value,),
            unfinished and n == last,
            failed,
        )
        for n, value in enumerate(values)
    ]


def stock(*values, unfinished=False):
    return charts.stock(points(*values, unfinished=unfinished), charts.Series("kept"), finding="x")


def test_bars_start_at_zero():
    chart = charts.bars(points(3, 0, 12), ONE, finding="x")

    assert [tick.label for tick in chart.ticks] == ["0", "5", "10", "15"]
    assert [[piece.height for piece in slot.pieces] for slot in chart.slots] == [
        [38.0],
        [],
        [152.0],
    ]
    assert chart.starts_at == 0


def test_bars_of_nothing_have_an_axis():
    chart = charts.bars(points(0, 0), ONE, finding="x")

    assert [tick.label for tick in chart.ticks] == ["0", "1"]
    assert [slot.pieces for slot in chart.slots] == [(), ()]


def test_bars_are_stacked_to_their_sum():
    [slot] = charts.bars(points((6, 4)), TWO, finding="x").slots

    assert slot.pieces == (charts.Piece(76.0, 114.0, 1), charts.Piece(0.0, 76.0, 2))


def test_failures_stand_above_the_bar_with_their_number():
    [slot] = charts.bars(points(10, failed=1_200), ONE, finding="x").slots

    assert (slot.failed, slot.failed_y) == ("1,200", -8)
    assert [line.words for line in slot.lines] == ["day 0", "10 added", "1,200 jobs failed"]


def test_line_of_a_high_stock_starts_higher():
    chart = stock(116_000, 128_402)

    assert [tick.label for tick in chart.ticks] == ["115k", "120k", "125k", "130k"]
    assert chart.starts_at == 115_000


def test_line_that_stands_still_has_an_axis():
    assert [tick.label for tick in stock(7, 7, 7).ticks] == ["7", "8"]


def test_unfinished_end_of_a_line_is_drawn_apart():
    [curve] = stock(1, 2, 3, unfinished=True).curves

    assert curve.path == "M16.667 126.7L50.0 63.3"
    assert curve.unfinished == "M50.0 63.3L83.333 0.0"


def test_gap_in_the_values_is_a_gap_in_the_line():
    [curve] = stock(1, None, 1, 2).curves

    assert curve.path == "M12.5 95.0M62.5 95.0L87.5 0.0"


@pytest.mark.parametrize("values", [(), (None, None)])
def test_line_of_what_is_not_known_is_empty(values):
    [curve] = stock(*values or (None,)).curves

    assert (curve.path, curve.unfinished) == ("", "")


def test_lines_are_labelled_at_their_ends_without_lying_upon_each_other():
    chart = charts.lines(points((10, 0), (10, 9)), TWO, finding="x", suffix=" ms")

    assert [(curve.label, curve.label_y) for curve in chart.curves] == [
        ("searches", 0.0),
        ("adds", 19.0),
    ]
    assert chart.has_labels is True
    assert chart.ticks[-1].label == "10 ms"


def test_labels_of_equal_ends_are_spread():
    chart = charts.lines(points((5, 5)), TWO, finding="x")

    first, second = (curve.label_y for curve in chart.curves)
    assert second - first == pytest.approx(charts.LABEL_HEIGHT)


def test_readout_names_each_series():
    [slot] = charts.lines(points((841, None)), TWO, finding="x").slots

    assert [line.words for line in slot.lines] == ["day 0", "841 searches", "adds not known"]
    assert slot.dots == (charts.Dot(30.2, 1),)


def test_readout_stays_inside_the_plot():
    left, right = charts.bars(points(1, 2), ONE, finding="x").slots

    assert left.box_x == 10
    assert right.box_x == -10 - right.box_width


def test_axis_names_at_most_five_intervals():
    chart = charts.bars(points(*range(30)), ONE, finding="x")

    assert [label.label for label in chart.labels] == ["5", "13", "21", "29"]
    assert chart.labels[-1].anchor == "end"


def test_words_of_the_readout_are_escaped():
    chart = charts.bars([charts.Point("a", "<b>", (1,))], ONE, finding="x")

    assert "&lt;b&gt;" in slots(chart)
    assert "<b>" not in slots(chart)
