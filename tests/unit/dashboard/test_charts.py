from apps.dashboard.presenters import charts


def points(*values, unfinished=False):
    last = len(values) - 1
    return [
        charts.Point(str(n), f"day {n}", value, unfinished and n == last)
        for n, value in enumerate(values)
    ]


def test_bars_start_at_zero():
    chart = charts.bars(points(3, 0, 12), unit="added", finding="x")

    assert [tick.label for tick in chart.ticks] == ["0", "5", "10", "15"]
    assert [slot.height for slot in chart.slots] == [38.0, 0.0, 152.0]
    assert chart.starts_at == 0


def test_bars_of_nothing_have_an_axis():
    chart = charts.bars(points(0, 0), unit="added", finding="x")

    assert [tick.label for tick in chart.ticks] == ["0", "1"]
    assert [slot.height for slot in chart.slots] == [0.0, 0.0]


def test_line_of_a_high_stock_starts_higher():
    chart = charts.line(points(116_000, 128_402), unit="kept", finding="x")

    assert [tick.label for tick in chart.ticks] == ["115k", "120k", "125k", "130k"]
    assert chart.starts_at == 115_000


def test_line_that_stands_still_has_an_axis():
    chart = charts.line(points(7, 7, 7), unit="kept", finding="x")

    assert [tick.label for tick in chart.ticks] == ["7", "8"]


def test_unfinished_end_of_a_line_is_drawn_apart():
    chart = charts.line(points(1, 2, 3, unfinished=True), unit="kept", finding="x")

    assert chart.path == "M16.667 126.7L50.0 63.3"
    assert chart.unfinished == "M50.0 63.3L83.333 0.0"


def test_readout_stays_inside_the_plot():
    chart = charts.bars(points(1, 2), unit="added", finding="x")

    left, right = chart.slots
    assert left.box_x == 10
    assert right.box_x == -10 - right.box_width


def test_axis_names_at_most_five_intervals():
    chart = charts.bars(points(*range(30)), unit="added", finding="x")

    assert [label.label for label in chart.labels] == ["5", "11", "17", "23", "29"]
    assert chart.labels[-1].anchor == "end"
