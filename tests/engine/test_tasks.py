"""One way to run independent tasks: same results in the same order, whatever runs them."""

import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest

from urbanreview.engine import map_tasks, workers


class Immediate(Executor):
    """Runs a task when it is handed in: the slow, obvious twin."""

    def submit(self, task, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(task(*args, **kwargs))
        except ValueError as error:
            future.set_exception(error)
        return future


def test_there_is_a_worker():
    assert workers() >= 1


@pytest.mark.parametrize("executor", [None, Immediate()])
def test_results_come_in_the_order_of_the_items(executor):
    def late_first(item: int) -> int:
        time.sleep(0.002 * (10 - item))
        return item**2

    assert map_tasks(late_first, range(10), executor=executor) == [item**2 for item in range(10)]


@pytest.mark.parametrize("executor", [None, Immediate()])
def test_no_items_are_no_results(executor):
    assert map_tasks(abs, [], executor=executor) == []


def test_items_may_come_from_a_generator():
    assert map_tasks(abs, (item for item in (-1, -2))) == [1, 2]


def test_an_executor_that_was_given_stays_open():
    with ThreadPoolExecutor(2) as executor:
        assert map_tasks(abs, [-1], executor=executor) == [1]
        assert map_tasks(abs, [-2], executor=executor) == [2]


@pytest.mark.parametrize("executor", [None, Immediate()])
def test_progress_counts_every_task(executor):
    said = []
    map_tasks(abs, [-1, -2, -3], what="lights", progress=lambda *report: said.append(report), executor=executor)
    assert said == [("lights", 1, 3), ("lights", 2, 3), ("lights", 3, 3)]


def test_progress_is_told_by_the_caller_thread():
    threads = set()
    map_tasks(abs, range(20), progress=lambda *_: threads.add(threading.current_thread()))
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("executor", [None, Immediate()])
def test_an_error_comes_out_as_it_is(executor):
    error = ValueError("the third")

    def fail(item: int) -> int:
        if item == 3:
            raise error
        return item

    with pytest.raises(ValueError, match="the third") as caught:
        map_tasks(fail, range(6), executor=executor)
    assert caught.value is error


def test_the_first_error_in_time_is_raised():
    def fail(item: int) -> None:
        time.sleep(0.2 if item == 0 else 0.0)
        raise ValueError(str(item))

    with ThreadPoolExecutor(2) as executor, pytest.raises(ValueError, match="1"):
        map_tasks(fail, [0, 1], executor=executor)


@pytest.mark.parametrize("own", [True, False], ids=["its own threads", "a given executor"])
def test_tasks_not_begun_are_given_up_after_an_error(own):
    begun = []

    def fail_first(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise ValueError("first")
        time.sleep(0.02)

    if own:
        with pytest.raises(ValueError, match="first"):
            map_tasks(fail_first, range(40))
    else:
        with ThreadPoolExecutor(2) as executor, pytest.raises(ValueError, match="first"):
            map_tasks(fail_first, range(40), executor=executor)
    assert len(begun) < 20
