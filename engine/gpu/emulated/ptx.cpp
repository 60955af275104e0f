#include "ptx.h"

#include <regex>

namespace emulated {
namespace {

/* From the name to the body: the parameters and the directives behind them. */
std::string header(const std::string& ptx, const std::string& name) {
  std::smatch found;
  if (!std::regex_search(ptx, found, std::regex("\\.entry\\s+" + name + "\\s*\\("))) return "";
  size_t begin = static_cast<size_t>(found.position()), end = ptx.find('{', begin);
  return ptx.substr(begin, end == std::string::npos ? end : end - begin);
}

size_t type_bytes(const std::string& type) { return std::stoul(type.substr(1)) / 8; }  // u64, f32, b8

size_t parameter_bytes(const std::string& header) {
  static const std::regex parameter("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.([a-z]\\d+)\\s+[\\w$]+(?:\\[(\\d+)\\])?");
  size_t bytes = 0;
  for (std::sregex_iterator i(header.begin(), header.end(), parameter), end; i != end; ++i)
    bytes += type_bytes((*i)[1]) * ((*i)[2].matched ? std::stoul((*i)[2]) : 1);
  return bytes;
}

/* 0 when the PTX does not say. */
unsigned largest_block(const std::string& header) {
  static const std::regex directive("\\.maxntid\\s+(\\d+)(?:\\s*,\\s*(\\d+))?(?:\\s*,\\s*(\\d+))?");
  std::smatch found;
  if (!std::regex_search(header, found, directive)) return 0;
  unsigned long threads = 1;
  for (size_t i = 1; i <= 3; i++) threads *= found[i].matched ? std::stoul(found[i]) : 1;
  return static_cast<unsigned>(threads);
}

}  // namespace

bool is_ptx(const std::string& text) {
  return text.find(".version") != std::string::npos && text.find(".target") != std::string::npos;
}

bool has_entry(const std::string& ptx, const std::string& name) { return !header(ptx, name).empty(); }

std::string difference(const std::string& ptx, const Kernel& kernel) {
  std::string entry = header(ptx, kernel.name), name = kernel.name;
  size_t bytes = parameter_bytes(entry);
  unsigned block = largest_block(entry);
  if (bytes != kernel.parameter_bytes)
    return name + " takes " + std::to_string(bytes) + " bytes in the PTX and " +
           std::to_string(kernel.parameter_bytes) + " in its source: regenerate the PTX";
  if (block && block != kernel.largest_block)
    return name + " allows " + std::to_string(block) + " threads a block in the PTX and " +
           std::to_string(kernel.largest_block) + " in its source: regenerate the PTX";
  return "";
}

}  // namespace emulated
