/*
 * The native methods of the test class io.sparkgrad.backend.cuda.EmulatedDriver. JNI finds them by their names; jni.h is
 * not needed for numbers, and for the one text a function is called by its place in JNI's table.
 */
#include "driver.h"

using namespace emulated;

#define NATIVE(result, name) \
  extern "C" __attribute__((visibility("default"))) result Java_io_sparkgrad_backend_cuda_EmulatedDriver_##name

namespace {

constexpr int NEW_STRING_UTF = 167;  // in JNI's function table

template <class F>
auto locked(F body) {
  std::lock_guard<std::mutex> held(driver().lock);
  return body();
}

template <class F>
int64_t sum_over_devices(F value) {
  return locked([&] {
    int64_t sum = 0;
    for (auto& device : driver().devices) sum += static_cast<int64_t>(value(*device));
    return sum;
  });
}

}  // namespace

NATIVE(void, failAllocation)(void*, void*, int n) {
  locked([&] { driver().allocation_fault.left = n; });
}
NATIVE(void, failLaunch)(void*, void*, int n) {
  locked([&] { driver().launch_fault.left = n; });
}
NATIVE(void, loseDevice)(void*, void*) {
  locked([] {
    for (auto& device : driver().devices) poison(*device, {CUDA_ERROR_UNKNOWN, "the device is lost, as the test asked"});
  });
}
NATIVE(void, limitMemory)(void*, void*, int64_t bytes) {
  locked([&] {
    for (auto& device : driver().devices) device->memory.limit(static_cast<size_t>(bytes));
  });
}
NATIVE(void, deferred)(void*, void*, unsigned char on, int64_t seed) {
  locked([&] { on ? driver().schedule.deferred(static_cast<uint64_t>(seed)) : driver().schedule.at_once(); });
}
NATIVE(void, setOrder)(void*, void*, int order, int64_t seed) {
  locked([&] {
    driver().order = static_cast<Order>(order);
    driver().seeds = {static_cast<uint64_t>(seed)};
  });
}
NATIVE(int64_t, allocatedBytes)(void*, void*) {
  return sum_over_devices([](Device& device) { return device.memory.used(); });
}
NATIVE(int64_t, allocatedBlocks)(void*, void*) {
  return sum_over_devices([](Device& device) { return device.memory.blocks(); });
}
NATIVE(int64_t, pinnedBytes)(void*, void*) {
  return locked([] {
    int64_t sum = 0;
    for (auto& [address, bytes] : driver().pinned) sum += static_cast<int64_t>(bytes);
    return sum;
  });
}
NATIVE(int64_t, launches)(void*, void*) {
  return locked([] { return static_cast<int64_t>(driver().launches); });
}
NATIVE(int64_t, largestDownload)(void*, void*) {
  return locked([] { return static_cast<int64_t>(driver().largest_download); });
}
NATIVE(void*, problem)(void** environment, void*) {
  std::string text = locked([] { return last_problem(); });
  void** functions = static_cast<void**>(*environment);
  return reinterpret_cast<void* (*)(void**, const char*)>(functions[NEW_STRING_UTF])(environment, text.c_str());
}
NATIVE(void, reset)(void*, void*) {
  locked([] { driver().reset(); });
}
