#include "streams.h"

namespace emulated {
namespace {

std::string problem;

Point end_of(const std::shared_ptr<Stream>& stream) { return {stream, stream->submitted}; }

/* What CUDA's null stream adds to the order: it waits for all blocking streams, and they for it. */
std::vector<Point> implied(const std::shared_ptr<Stream>& stream) {
  Device& device = *stream->device;
  if (stream != device.null_stream) return stream->blocking ? std::vector<Point>{end_of(device.null_stream)} : std::vector<Point>{};
  std::vector<Point> result;
  for (auto& other : device.streams)
    if (other->blocking && other != stream) result.push_back(end_of(other));
  return result;
}

bool runnable(const Stream& stream) {
  if (stream.queue.empty()) return false;
  for (const Point& point : stream.queue.front().after)
    if (!point.reached()) return false;
  return true;
}

}  // namespace

Device::Device(int index, int hardware, size_t bytes) : index(index), hardware(hardware), memory(index, bytes) {
  null_stream = new_stream(true, 0);
}

std::shared_ptr<Stream> Device::new_stream(bool blocking, int priority) {
  auto over = [](auto& stream) { return stream->destroyed && stream->queue.empty(); };
  streams.erase(std::remove_if(streams.begin(), streams.end(), over), streams.end());
  streams.push_back(std::make_shared<Stream>(this, blocking, priority));
  return streams.back();
}

void Schedule::at_once() {
  for (auto& device : devices_) finish(*device);
  deferred_ = false;
}

void Schedule::deferred(uint64_t seed) {
  deferred_ = true;
  random_ = {seed};
}

CUresult Schedule::submit(const std::shared_ptr<Stream>& stream, std::function<Outcome()> run) {
  return submit_after(stream, implied(stream), std::move(run));
}

CUresult Schedule::wait_for_event(const std::shared_ptr<Stream>& stream, const Event& event) {
  std::vector<Point> after = implied(stream);
  after.push_back(event.point);
  return submit_after(stream, after, [] { return Outcome{}; });
}

CUresult Schedule::submit_after(const std::shared_ptr<Stream>& stream, std::vector<Point> after,
                                std::function<Outcome()> run) {
  stream->queue.push_back({std::move(after), std::move(run)});
  stream->submitted++;
  return deferred_ ? CUDA_SUCCESS : finish(end_of(stream));
}

CUresult Schedule::finish(const Point& point) {
  bool only_what_is_needed = random_.below(2);
  while (!point.reached()) run_next_of(only_what_is_needed ? *needed_for(point) : *any_runnable());
  return point.stream ? point.stream->device->error.result : CUDA_SUCCESS;
}

CUresult Schedule::finish(Device& device) {
  auto streams = device.streams;
  for (auto& stream : streams) finish(end_of(stream));
  return device.error.result;
}

bool Schedule::query(const Point& point) {
  if (!point.reached() && random_.below(2)) run_next_of(*any_runnable());
  return point.reached();
}

/* Follows what the stream waits for. It ends: work waits for earlier work only. */
std::shared_ptr<Stream> Schedule::needed_for(const Point& point) {
  std::shared_ptr<Stream> stream = point.stream;
  while (!runnable(*stream))
    for (const Point& before : stream->queue.front().after)
      if (!before.reached()) {
        stream = before.stream;
        break;
      }
  return stream;
}

std::shared_ptr<Stream> Schedule::any_runnable() {
  std::vector<std::shared_ptr<Stream>> candidates;
  for (auto& device : devices_)
    for (auto& stream : device->streams)
      if (runnable(*stream)) candidates.push_back(stream);
  return candidates[static_cast<size_t>(random_.below(candidates.size()))];
}

void Schedule::run_next_of(Stream& stream) {
  Work work = std::move(stream.queue.front());
  stream.queue.pop_front();
  Device& device = *stream.device;
  if (!device.error.failed()) {
    Outcome outcome = work.run();
    if (outcome.failed()) poison(device, outcome);
  }
  stream.done++;
}

void Schedule::drop_all() {
  for (auto& device : devices_)
    for (auto& stream : device->streams) {
      stream->queue.clear();
      stream->done = stream->submitted;
    }
}

void poison(Device& device, const Outcome& outcome) {
  device.error = outcome;
  report(outcome.problem);
}

void report(const std::string& text) {
  problem = text;
  fprintf(stderr, "emulated driver: %s\n", text.c_str());
}

const std::string& last_problem() { return problem; }

void forget_problem() { problem.clear(); }

}  // namespace emulated
