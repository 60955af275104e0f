/*
 * The functions of libcuda.so.1 that the project calls. Each holds the driver's lock while it works. Kernels run on the
 * thread that waits for them, or that launches them if work is done at once.
 *
 * Environment: CUDA_VISIBLE_DEVICES, as always.
 *   SPARKGRAD_EMULATED_DEVICES   how many (1)
 *   SPARKGRAD_EMULATED_MEMORY    bytes of each (1 GiB)
 *   SPARKGRAD_EMULATED_ORDER     of blocks and threads: forward, reverse or shuffled:SEED (forward)
 *   SPARKGRAD_EMULATED_DEFERRED  a seed: nothing is done before somebody waits (off)
 */
#include "driver.h"

#include <sstream>

#include "ptx.h"

using namespace emulated;

typedef int CUdevice;
typedef uint64_t CUdeviceptr;
typedef void* CUhandle;

#define API extern "C" __attribute__((visibility("default"))) CUresult

namespace emulated {
namespace {

constexpr int CAPABILITY_MAJOR = 9, CAPABILITY_MINOR = 0, PROCESSORS = 4;
constexpr unsigned SHARED_BYTES = 48 << 10, SHARED_OPTIN_BYTES = 227 << 10;
constexpr unsigned LARGEST_BLOCK = 1024, LARGEST_GRID_X = 0x7fffffff, LARGEST_GRID_YZ = 0xffff;
constexpr int DRIVER_VERSION = 12060;
constexpr uint64_t FIRST_CONTEXT = 0x100;

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = getenv(name);
  return value && *value ? value : otherwise;
}

/* As CUDA reads it: numbers up to the first that is none; unset means all. */
std::vector<int> visible_devices(int count) {
  std::vector<int> result;
  const char* setting = getenv("CUDA_VISIBLE_DEVICES");
  if (!setting) {
    for (int i = 0; i < count; i++) result.push_back(i);
    return result;
  }
  std::istringstream items(setting);
  std::string item;
  while (std::getline(items, item, ',')) {
    char* end;
    long device = strtol(item.c_str(), &end, 10);
    if (end == item.c_str() || device < 0 || device >= count) break;
    result.push_back(static_cast<int>(device));
  }
  return result;
}

}  // namespace

Driver& driver() {
  static Driver* driver = new Driver();
  return *driver;
}

void Driver::initialize() {
  if (initialized) return;
  initialized = true;
  size_t memory = std::stoull(environment("SPARKGRAD_EMULATED_MEMORY", "1073741824"));
  for (int hardware : visible_devices(std::stoi(environment("SPARKGRAD_EMULATED_DEVICES", "1"))))
    devices.push_back(std::make_unique<Device>(static_cast<int>(devices.size()), hardware, memory));
  reset();
}

void Driver::reset() {
  schedule.at_once();
  for (auto& device : devices) {
    device->error = {};
    device->memory.unlimited();
  }
  allocation_fault = launch_fault = {};
  launches = 0;
  largest_download = 0;
  forget_problem();

  std::string order_name = environment("SPARKGRAD_EMULATED_ORDER", "forward");
  size_t colon = order_name.find(':');
  seeds = {colon == std::string::npos ? 0 : std::stoull(order_name.substr(colon + 1))};
  order = order_name[0] == 's' ? Order::SHUFFLED : order_name[0] == 'r' ? Order::REVERSE : Order::FORWARD;
  std::string deferred = environment("SPARKGRAD_EMULATED_DEFERRED", "");
  if (!deferred.empty()) schedule.deferred(std::stoull(deferred));
}

bool Driver::is_pinned(const void* address, size_t bytes) const {
  uint64_t at = reinterpret_cast<uint64_t>(address);
  auto after = pinned.upper_bound(at);
  if (after == pinned.begin()) return false;
  auto range = std::prev(after);
  return at - range->first <= range->second && bytes <= range->second - (at - range->first);
}

namespace {

/* ---- who calls: the lock, the thread's context, the device's error ---- */

thread_local Device* current = nullptr;

template <class F>
CUresult call(F body) {
  std::lock_guard<std::mutex> held(driver().lock);
  return driver().initialized ? body() : CUDA_ERROR_NOT_INITIALIZED;
}

template <class F>
CUresult on_device(F body) {
  return call([&] {
    if (!current || !current->retained) return CUDA_ERROR_INVALID_CONTEXT;
    return current->error.failed() ? current->error.result : body(*current);
  });
}

CUresult refuse(CUresult result, const std::string& problem) {
  report(problem);
  return result;
}

Device* device_at(int index) {
  bool known = index >= 0 && index < static_cast<int>(driver().devices.size());
  return known ? driver().devices[static_cast<size_t>(index)].get() : nullptr;
}

void* context_of(const Device* device) {
  return device ? reinterpret_cast<void*>(FIRST_CONTEXT + static_cast<uint64_t>(device->index)) : nullptr;
}

Device* device_of(const void* context) {
  uint64_t handle = reinterpret_cast<uint64_t>(context);
  Device* device = handle < FIRST_CONTEXT ? nullptr : device_at(static_cast<int>(handle - FIRST_CONTEXT));
  return device && device->retained ? device : nullptr;
}

template <class F>
CUresult about(CUdevice index, F body) {
  return call([&] {
    Device* device = device_at(index);
    return device ? body(*device) : CUDA_ERROR_INVALID_DEVICE;
  });
}

/* The stream of this handle; 0 and 1 are the null stream. */
std::shared_ptr<Stream> stream_of(CUhandle handle) {
  if (reinterpret_cast<uint64_t>(handle) <= 1) return current->null_stream;
  return driver().streams.find(handle);
}

/* A stream on which the current context may put work. */
template <class F>
CUresult on_stream(CUhandle handle, F body) {
  return on_device([&](Device& device) {
    auto stream = stream_of(handle);
    return stream && stream->device == &device ? body(device, stream) : CUDA_ERROR_INVALID_HANDLE;
  });
}

template <class F>
CUresult with_event(CUhandle handle, F body) {
  return on_device([&](Device& device) {
    auto event = driver().events.find(handle);
    return event ? body(device, event) : CUDA_ERROR_INVALID_HANDLE;
  });
}

CUresult give(void** handle, void* value) {
  *handle = value;
  return CUDA_SUCCESS;
}

/* ---- memory ---- */

std::string hex(uint64_t address) {
  char text[32];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

/* Success if all bytes are allocated, on whatever device: copies may go from one to another. */
Outcome check(const char* what, CUdeviceptr address, size_t bytes) {
  for (auto& device : driver().devices)
    if (device->memory.holds(address, bytes)) return {};
  return {CUDA_ERROR_ILLEGAL_ADDRESS, std::string(what) + ": " + std::to_string(bytes) + " bytes at " + hex(address) +
                                          " are not inside one allocation"};
}

void* pointer(CUdeviceptr address) { return reinterpret_cast<void*>(address); }

Outcome copy_to_device(CUdeviceptr to, const void* from, size_t bytes) {
  Outcome outcome = check("copy to the device", to, bytes);
  if (!outcome.failed()) memcpy(pointer(to), from, bytes);
  return outcome;
}

Outcome copy_to_host(void* to, CUdeviceptr from, size_t bytes) {
  driver().largest_download = std::max(driver().largest_download, bytes);
  Outcome outcome = check("copy to the host", from, bytes);
  if (!outcome.failed()) memcpy(to, pointer(from), bytes);
  return outcome;
}

Outcome copy_on_device(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  Outcome outcome = check("copy on the device", to, bytes);
  if (!outcome.failed()) outcome = check("copy on the device", from, bytes);
  if (!outcome.failed()) memmove(pointer(to), pointer(from), bytes);
  return outcome;
}

template <class T>
Outcome set(CUdeviceptr to, T value, size_t count) {
  Outcome outcome = check("memset", to, count * sizeof(T));
  if (!outcome.failed()) std::fill_n(static_cast<T*>(pointer(to)), count, value);
  return outcome;
}

/* On the null stream, and done when the call returns. */
CUresult synchronously(std::function<Outcome()> run) {
  return on_device([&](Device& device) {
    CUresult result = driver().schedule.submit(device.null_stream, std::move(run));
    return result ? result : driver().schedule.finish({device.null_stream, device.null_stream->submitted});
  });
}

CUresult asynchronously(CUhandle handle, std::function<Outcome()> run) {
  return on_stream(handle, [&](Device&, auto& stream) { return driver().schedule.submit(stream, std::move(run)); });
}

/* A card's driver takes other memory too, and copies it at a time that nobody can rely on. */
CUresult asynchronously(CUhandle handle, const void* host, size_t bytes, std::function<Outcome()> run) {
  return on_stream(handle, [&](Device&, auto& stream) {
    if (!driver().is_pinned(host, bytes))
      return refuse(CUDA_ERROR_INVALID_VALUE, "an asynchronous copy of host memory that is not pinned");
    return driver().schedule.submit(stream, std::move(run));
  });
}

template <class T>
CUresult memset_on(CUhandle stream, CUdeviceptr to, T value, size_t count) {
  if (to % sizeof(T)) return CUDA_ERROR_INVALID_VALUE;
  return asynchronously(stream, [=] { return set(to, value, count); });
}

void finish_everything() {
  for (auto& device : driver().devices) driver().schedule.finish(*device);
}

/* ---- launches ---- */

std::string text(const dim3& size) {
  return std::to_string(size.x) + " x " + std::to_string(size.y) + " x " + std::to_string(size.z);
}

/* Empty, or what a card would not take. */
std::string wrong_configuration(const Function& function, const Launch& launch) {
  const dim3 &grid = launch.grid, &block = launch.block;
  uint64_t threads = static_cast<uint64_t>(block.x) * block.y * block.z;
  bool grid_fits = grid.x && grid.y && grid.z && grid.x <= LARGEST_GRID_X && grid.y <= LARGEST_GRID_YZ && grid.z <= LARGEST_GRID_YZ;
  bool block_fits = threads && block.x <= LARGEST_BLOCK && block.y <= LARGEST_BLOCK && block.z <= 64;
  if (!grid_fits) return "a grid of " + text(grid) + " blocks";
  if (!block_fits || threads > function.kernel->largest_block)
    return "a block of " + text(block) + " threads; the kernel allows " + std::to_string(function.kernel->largest_block);
  if (launch.dynamic_bytes > function.most_dynamic_bytes)
    return std::to_string(launch.dynamic_bytes) + " bytes of dynamic shared memory; the function's attribute allows " +
           std::to_string(function.most_dynamic_bytes);
  return "";
}

/* The one parameter: kernelParams, or CU_LAUNCH_PARAM_BUFFER_POINTER (1) and _SIZE (2) in extra. Null: neither. */
const void* parameter(const Kernel& kernel, void** parameters, void** extra) {
  if (parameters) return parameters[0];
  const void* buffer = nullptr;
  size_t bytes = 0;
  for (; extra && *extra; extra += 2) {
    if (reinterpret_cast<uint64_t>(extra[0]) == 1) buffer = extra[1];
    if (reinterpret_cast<uint64_t>(extra[0]) == 2) bytes = *static_cast<const size_t*>(extra[1]);
  }
  return bytes == kernel.parameter_bytes ? buffer : nullptr;
}

/* Every word of the parameter that is an address of some device must be in live memory of this one. */
Outcome check_pointers(const Device& device, const Launch& launch) {
  for (size_t at = 0; at + 8 <= launch.args.size(); at += 8) {
    CUdeviceptr word;
    memcpy(&word, &launch.args[at], 8);
    std::string which = std::string(launch.kernel->name) + ": the pointer at byte " + std::to_string(at) + " of its parameter, " + hex(word);
    for (auto& owner : driver().devices) {
      if (!owner->memory.owns(word)) continue;
      if (owner.get() != &device)
        return {CUDA_ERROR_ILLEGAL_ADDRESS, which + ", is memory of another device"};
      if (!owner->memory.holds(word, 0))
        return {CUDA_ERROR_ILLEGAL_ADDRESS, which + ", is not allocated, or no longer"};
    }
  }
  return {};
}

Outcome run_checked(Device& device, const Launch& launch, bool fails) {
  if (fails) return {CUDA_ERROR_LAUNCH_FAILED, std::string(launch.kernel->name) + ": failed as the test asked"};
  Outcome outcome = check_pointers(device, launch);
  if (!outcome.failed()) outcome = run(launch);
  std::string damage = outcome.failed() ? "" : device.memory.damage();
  if (!damage.empty()) return {CUDA_ERROR_ILLEGAL_ADDRESS, std::string(launch.kernel->name) + ": " + damage};
  return outcome;
}

CUresult launch_on(Device& device, const std::shared_ptr<Stream>& stream, const Function& function, Launch launch, const void* args) {
  std::string wrong = wrong_configuration(function, launch);
  std::string name = std::string("launch of ") + function.kernel->name;
  if (!wrong.empty()) return refuse(CUDA_ERROR_INVALID_VALUE, name + " with " + wrong);
  if (!args) return refuse(CUDA_ERROR_INVALID_VALUE, name + " without its parameter");
  const char* bytes = static_cast<const char*>(args);
  launch.args.assign(bytes, bytes + function.kernel->parameter_bytes);
  driver().launches++;
  bool fails = driver().launch_fault.strikes();
  return driver().schedule.submit(stream, [&device, launch = std::move(launch), fails] { return run_checked(device, launch, fails); });
}

/* ---- modules ---- */

const Kernel* find_kernel(const std::string& name) {
  for (const Kernel& kernel : kernels())
    if (name == kernel.name) return &kernel;
  return nullptr;
}

CUresult load_module(void** handle, const void* image) {
  return on_device([&](Device& device) {
    std::string ptx = static_cast<const char*>(image);
    if (!is_ptx(ptx)) return refuse(CUDA_ERROR_INVALID_IMAGE, "a module that is no PTX text");
    return give(handle, driver().modules.add(std::make_shared<Module>(Module{&device, ptx, {}})));
  });
}

CUresult load_function(void** handle, Module& module, const std::string& name) {
  void*& known = module.functions[name];
  if (known) return give(handle, known);
  const Kernel* kernel = find_kernel(name);
  if (!has_entry(module.ptx, name)) return refuse(CUDA_ERROR_NOT_FOUND, "the PTX has no kernel " + name);
  if (!kernel) return refuse(CUDA_ERROR_NOT_FOUND, "the PTX has a kernel " + name + " whose source was not compiled into the emulated driver");
  std::string differs = difference(module.ptx, *kernel);
  if (!differs.empty()) return refuse(CUDA_ERROR_NOT_FOUND, differs);
  known = driver().functions.add(std::make_shared<Function>(Function{kernel, module.device, SHARED_BYTES}));
  return give(handle, known);
}

template <class F>
CUresult with_function(CUhandle handle, F body) {
  return on_device([&](Device&) {
    auto function = driver().functions.find(handle);
    return function ? body(*function) : CUDA_ERROR_INVALID_HANDLE;
  });
}

/* ---- attributes, by CUDA's numbers; an H200's where they matter, but few processors, so that grids stay small ---- */

int device_attribute(const Device& device, int attribute) {
  switch (attribute) {
    case 1: case 2: case 3: return LARGEST_BLOCK;       // threads a block, in x, in y
    case 4: return 64;                                  // in z
    case 5: return LARGEST_GRID_X;
    case 6: case 7: return LARGEST_GRID_YZ;
    case 8: return SHARED_BYTES;
    case 9: return 64 << 10;                            // constant memory
    case 10: return 32;                                 // warp
    case 12: case 82: return 64 << 10;                  // registers of a block, of a processor
    case 13: return 1980000;                            // clock, kHz
    case 16: return PROCESSORS;
    case 15: case 19: case 31: case 41: case 78: return 1;  // overlap, mapped host memory, concurrent kernels, one address space, priorities
    case 33: return device.hardware;                    // PCI bus
    case 36: return 2619000;                            // memory clock, kHz
    case 37: return 6144;                               // memory bus, bits
    case 38: return 50 << 20;                           // L2 cache
    case 39: return 2048;                               // threads of a processor
    case 40: return 3;                                  // copy engines
    case 75: return CAPABILITY_MAJOR;
    case 76: return CAPABILITY_MINOR;
    case 81: return 228 << 10;                          // shared memory of a processor
    case 97: return SHARED_OPTIN_BYTES;
    default: return 0;
  }
}

enum FunctionAttribute { MAX_THREADS_PER_BLOCK = 0, NUM_REGS = 4, PTX_VERSION = 5, BINARY_VERSION = 6, MAX_DYNAMIC_SHARED_SIZE_BYTES = 8, PREFERRED_CARVEOUT = 9 };

CUresult set_function_attribute(Function& function, int attribute, int value) {
  if (attribute == PREFERRED_CARVEOUT) return CUDA_SUCCESS;
  if (attribute != MAX_DYNAMIC_SHARED_SIZE_BYTES) return CUDA_ERROR_INVALID_VALUE;
  if (value < 0 || static_cast<unsigned>(value) > SHARED_OPTIN_BYTES)
    return refuse(CUDA_ERROR_INVALID_VALUE, std::to_string(value) + " bytes of shared memory; a block has " + std::to_string(SHARED_OPTIN_BYTES));
  function.most_dynamic_bytes = static_cast<unsigned>(value);
  return CUDA_SUCCESS;
}

int function_attribute(const Function& function, int attribute) {
  switch (attribute) {
    case MAX_THREADS_PER_BLOCK: return static_cast<int>(function.kernel->largest_block);
    case NUM_REGS: return 32;
    case PTX_VERSION: return 75;
    case BINARY_VERSION: return 10 * CAPABILITY_MAJOR + CAPABILITY_MINOR;
    case MAX_DYNAMIC_SHARED_SIZE_BYTES: return static_cast<int>(function.most_dynamic_bytes);
    default: return 0;
  }
}

}  // namespace
}  // namespace emulated

/* ==== the driver's functions ==== */

/* ---- start, devices ---- */

API cuInit(unsigned) {
  std::lock_guard<std::mutex> held(driver().lock);
  driver().initialize();
  return driver().devices.empty() ? CUDA_ERROR_NO_DEVICE : CUDA_SUCCESS;
}

API cuDriverGetVersion(int* version) {
  *version = DRIVER_VERSION;
  return CUDA_SUCCESS;
}

#define EMULATED_FIND_RESULT(name, number, meaning) \
  if (result == number) return *text = NAME_OR_TEXT(#name, meaning), CUDA_SUCCESS;
API cuGetErrorName(int result, const char** text) {
#define NAME_OR_TEXT(name, meaning) name
  EMULATED_RESULTS(EMULATED_FIND_RESULT)
#undef NAME_OR_TEXT
  *text = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}
API cuGetErrorString(int result, const char** text) {
#define NAME_OR_TEXT(name, meaning) meaning
  EMULATED_RESULTS(EMULATED_FIND_RESULT)
#undef NAME_OR_TEXT
  *text = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

API cuDeviceGetCount(int* count) {
  return call([&] {
    *count = static_cast<int>(driver().devices.size());
    return CUDA_SUCCESS;
  });
}
API cuDeviceGet(CUdevice* result, int index) {
  return about(index, [&](Device&) {
    *result = index;
    return CUDA_SUCCESS;
  });
}
API cuDeviceGetName(char* name, int length, CUdevice index) {
  return about(index, [&](Device& device) {
    snprintf(name, static_cast<size_t>(length), "Emulated GPU %d", device.hardware);
    return CUDA_SUCCESS;
  });
}
API cuDeviceGetUuid(char* uuid, CUdevice index) {
  return about(index, [&](Device& device) {
    memcpy(uuid, "emulated GPU   ", 15);
    uuid[15] = static_cast<char>(device.hardware);
    return CUDA_SUCCESS;
  });
}
API cuDeviceGetPCIBusId(char* id, int length, CUdevice index) {
  return about(index, [&](Device& device) {
    snprintf(id, static_cast<size_t>(length), "0000:%02x:00.0", device.hardware);
    return CUDA_SUCCESS;
  });
}
API cuDeviceGetAttribute(int* value, int attribute, CUdevice index) {
  return about(index, [&](Device& device) {
    *value = device_attribute(device, attribute);
    return CUDA_SUCCESS;
  });
}
API cuDeviceComputeCapability(int* major, int* minor, CUdevice index) {
  return about(index, [&](Device&) {
    *major = CAPABILITY_MAJOR;
    *minor = CAPABILITY_MINOR;
    return CUDA_SUCCESS;
  });
}
API cuDeviceTotalMem_v2(size_t* bytes, CUdevice index) {
  return about(index, [&](Device& device) {
    *bytes = device.memory.total();
    return CUDA_SUCCESS;
  });
}
API cuDeviceCanAccessPeer(int* can, CUdevice index, CUdevice) {
  return about(index, [&](Device&) {
    *can = 0;
    return CUDA_SUCCESS;
  });
}

/* ---- contexts: the primary ones ---- */

API cuDevicePrimaryCtxRetain(CUhandle* context, CUdevice index) {
  return about(index, [&](Device& device) {
    device.retained++;
    return give(context, context_of(&device));
  });
}
API cuDevicePrimaryCtxRelease_v2(CUdevice index) {
  return about(index, [&](Device& device) {
    if (!device.retained) return CUDA_ERROR_INVALID_CONTEXT;
    driver().schedule.finish(device);
    if (--device.retained == 0) device.memory.release_all();
    return CUDA_SUCCESS;
  });
}
API cuDevicePrimaryCtxReset_v2(CUdevice index) {
  return about(index, [&](Device& device) {
    driver().schedule.finish(device);
    device.memory.release_all();
    device.error = {};
    return CUDA_SUCCESS;
  });
}
API cuDevicePrimaryCtxGetState(CUdevice index, unsigned* flags, int* active) {
  return about(index, [&](Device& device) {
    *flags = 0;
    *active = device.retained > 0;
    return CUDA_SUCCESS;
  });
}
API cuDevicePrimaryCtxSetFlags_v2(CUdevice index, unsigned) {
  return about(index, [](Device&) { return CUDA_SUCCESS; });
}
API cuCtxSetCurrent(CUhandle context) {
  return call([&] {
    Device* device = device_of(context);
    if (context && !device) return CUDA_ERROR_INVALID_CONTEXT;
    current = device;
    return CUDA_SUCCESS;
  });
}
API cuCtxGetCurrent(CUhandle* context) {
  return call([&] { return give(context, context_of(current)); });
}
API cuCtxGetDevice(CUdevice* index) {
  return on_device([&](Device& device) {
    *index = device.index;
    return CUDA_SUCCESS;
  });
}
API cuCtxSynchronize() {
  return on_device([](Device& device) { return driver().schedule.finish(device); });
}
API cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return on_device([&](Device&) {
    *least = 0;
    *greatest = -5;
    return CUDA_SUCCESS;
  });
}

/* ---- memory ---- */

API cuMemGetInfo_v2(size_t* unused, size_t* total) {
  return on_device([&](Device& device) {
    *unused = device.memory.unused();
    *total = device.memory.total();
    return CUDA_SUCCESS;
  });
}
API cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  return on_device([&](Device& device) {
    if (!bytes) return CUDA_ERROR_INVALID_VALUE;
    if (driver().allocation_fault.strikes()) return CUDA_ERROR_OUT_OF_MEMORY;
    *address = device.memory.allocate(bytes);
    return *address ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
  });
}
API cuMemFree_v2(CUdeviceptr address) {
  return on_device([&](Device& device) {
    if (!address) return CUDA_SUCCESS;
    CUresult result = driver().schedule.finish(device);
    if (result) return result;
    if (device.memory.release(address)) return CUDA_SUCCESS;
    return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemFree of " + hex(address) + ", which is not the start of an allocation of this device");
  });
}
API cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  return on_device([&](Device&) {
    if (!bytes) return CUDA_ERROR_INVALID_VALUE;
    if (posix_memalign(address, 4096, bytes)) return CUDA_ERROR_OUT_OF_MEMORY;
    memset(*address, 0xff, bytes);
    driver().pinned[reinterpret_cast<uint64_t>(*address)] = bytes;
    return CUDA_SUCCESS;
  });
}
API cuMemAllocHost_v2(void** address, size_t bytes) { return cuMemHostAlloc(address, bytes, 0); }
API cuMemFreeHost(void* address) {
  return on_device([&](Device& device) {
    finish_everything();
    if (device.error.failed()) return device.error.result;
    if (!driver().pinned.erase(reinterpret_cast<uint64_t>(address)))
      return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemFreeHost of memory that cuMemHostAlloc did not give");
    free(address);
    return CUDA_SUCCESS;
  });
}
API cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* host, unsigned) {
  return on_device([&](Device&) {
    if (!driver().is_pinned(host, 0)) return CUDA_ERROR_INVALID_VALUE;
    *address = reinterpret_cast<uint64_t>(host);
    return CUDA_SUCCESS;
  });
}
API cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return synchronously([=] { return copy_to_device(to, from, bytes); });
}
API cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return synchronously([=] { return copy_to_host(to, from, bytes); });
}
API cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return asynchronously(nullptr, [=] { return copy_on_device(to, from, bytes); });
}
API cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUhandle stream) {
  return asynchronously(stream, from, bytes, [=] { return copy_to_device(to, from, bytes); });
}
API cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUhandle stream) {
  return asynchronously(stream, to, bytes, [=] { return copy_to_host(to, from, bytes); });
}
API cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUhandle stream) {
  return asynchronously(stream, [=] { return copy_on_device(to, from, bytes); });
}
API cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) { return memset_on(nullptr, to, value, count); }
API cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t count) { return memset_on(nullptr, to, value, count); }
API cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t count) { return memset_on(nullptr, to, value, count); }
API cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUhandle stream) {
  return memset_on(stream, to, value, count);
}
API cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUhandle stream) {
  return memset_on(stream, to, value, count);
}
API cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUhandle stream) {
  return memset_on(stream, to, value, count);
}

/* ---- modules, functions, launches ---- */

API cuModuleLoadData(CUhandle* module, const void* image) { return load_module(module, image); }
API cuModuleLoadDataEx(CUhandle* module, const void* image, unsigned, int*, void**) { return load_module(module, image); }
API cuModuleUnload(CUhandle handle) {
  return on_device([&](Device& device) {
    auto module = driver().modules.find(handle);
    if (!module) return CUDA_ERROR_INVALID_HANDLE;
    driver().schedule.finish(device);
    for (auto& [name, function] : module->functions) driver().functions.remove(function);
    driver().modules.remove(handle);
    return device.error.result;
  });
}
API cuModuleGetFunction(CUhandle* function, CUhandle handle, const char* name) {
  return on_device([&](Device&) {
    auto module = driver().modules.find(handle);
    return module ? load_function(function, *module, name) : CUDA_ERROR_INVALID_HANDLE;
  });
}
API cuFuncSetAttribute(CUhandle handle, int attribute, int value) {
  return with_function(handle, [&](Function& function) { return set_function_attribute(function, attribute, value); });
}
API cuFuncGetAttribute(int* value, int attribute, CUhandle handle) {
  return with_function(handle, [&](Function& function) {
    *value = function_attribute(function, attribute);
    return CUDA_SUCCESS;
  });
}
API cuFuncSetCacheConfig(CUhandle handle, int) {
  return with_function(handle, [](Function&) { return CUDA_SUCCESS; });
}
API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUhandle handle, int block, size_t) {
  return with_function(handle, [&](Function&) {
    if (block < 1) return CUDA_ERROR_INVALID_VALUE;
    *blocks = 2048 / block;
    return CUDA_SUCCESS;
  });
}
API cuLaunchKernel(CUhandle handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned dynamic_bytes, CUhandle stream_handle, void** parameters, void** extra) {
  return on_stream(stream_handle, [&](Device& device, auto& stream) {
    auto function = driver().functions.find(handle);
    if (!function || function->device != &device) return CUDA_ERROR_INVALID_HANDLE;
    Launch launch{function->kernel, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, dynamic_bytes, {}, driver().order, driver().seeds.next()};
    return launch_on(device, stream, *function, launch, parameter(*function->kernel, parameters, extra));
  });
}

/* ---- streams ---- */

API cuStreamCreateWithPriority(CUhandle* handle, unsigned flags, int priority) {
  return on_device([&](Device& device) {
    bool blocking = !(flags & 1);
    return give(handle, driver().streams.add(device.new_stream(blocking, std::max(-5, std::min(0, priority)))));
  });
}
API cuStreamCreate(CUhandle* handle, unsigned flags) { return cuStreamCreateWithPriority(handle, flags, 0); }
API cuStreamDestroy_v2(CUhandle handle) {
  return on_stream(handle, [&](Device& device, auto& stream) {
    if (stream == device.null_stream) return CUDA_ERROR_INVALID_HANDLE;
    stream->destroyed = true;
    driver().streams.remove(handle);
    return CUDA_SUCCESS;
  });
}
API cuStreamSynchronize(CUhandle handle) {
  return on_stream(handle, [&](Device&, auto& stream) { return driver().schedule.finish({stream, stream->submitted}); });
}
API cuStreamQuery(CUhandle handle) {
  return on_stream(handle, [&](Device& device, auto& stream) {
    bool reached = driver().schedule.query({stream, stream->submitted});
    return device.error.failed() ? device.error.result : reached ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
  });
}
API cuStreamGetPriority(CUhandle handle, int* priority) {
  return on_stream(handle, [&](Device&, auto& stream) {
    *priority = stream->priority;
    return CUDA_SUCCESS;
  });
}
API cuStreamGetFlags(CUhandle handle, unsigned* flags) {
  return on_stream(handle, [&](Device&, auto& stream) {
    *flags = stream->blocking ? 0 : 1;
    return CUDA_SUCCESS;
  });
}
API cuStreamWaitEvent(CUhandle stream_handle, CUhandle handle, unsigned) {
  return on_stream(stream_handle, [&](Device&, auto& stream) {
    auto event = driver().events.find(handle);
    return event ? driver().schedule.wait_for_event(stream, *event) : CUDA_ERROR_INVALID_HANDLE;
  });
}

/* ---- events ---- */

API cuEventCreate(CUhandle* handle, unsigned flags) {
  return on_device([&](Device& device) {
    auto event = std::make_shared<Event>();
    event->device = &device;
    event->timing = !(flags & 2);
    return give(handle, driver().events.add(event));
  });
}
API cuEventDestroy_v2(CUhandle handle) {
  return with_event(handle, [&](Device&, auto&) {
    driver().events.remove(handle);
    return CUDA_SUCCESS;
  });
}
API cuEventRecord(CUhandle handle, CUhandle stream_handle) {
  return on_stream(stream_handle, [&](Device& device, auto& stream) {
    auto event = driver().events.find(handle);
    if (!event || event->device != &device) return CUDA_ERROR_INVALID_HANDLE;
    event->recorded = true;
    event->point = {stream, stream->submitted + 1};
    return driver().schedule.submit(stream, [event = event] {
      event->time = std::chrono::steady_clock::now();
      return Outcome{};
    });
  });
}
API cuEventSynchronize(CUhandle handle) {
  return with_event(handle, [](Device& device, auto& event) {
    driver().schedule.finish(event->point);
    return device.error.result;
  });
}
API cuEventQuery(CUhandle handle) {
  return with_event(handle, [](Device& device, auto& event) {
    bool reached = driver().schedule.query(event->point);
    return device.error.failed() ? device.error.result : reached ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
  });
}
API cuEventElapsedTime(float* milliseconds, CUhandle from_handle, CUhandle to_handle) {
  return on_device([&](Device&) {
    auto from = driver().events.find(from_handle), to = driver().events.find(to_handle);
    if (!from || !to || !from->timing || !to->timing || !from->recorded || !to->recorded) return CUDA_ERROR_INVALID_HANDLE;
    if (!from->point.reached() || !to->point.reached()) return CUDA_ERROR_NOT_READY;
    *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return CUDA_SUCCESS;
  });
}
