/* What the driver reads of a PTX text: the kernels' names, the size of their parameter, the largest block. */
#pragma once

#include <string>

#include "emulated.h"

namespace emulated {

/* Whether the text is PTX at all. */
bool is_ptx(const std::string& text);

/* Empty if the PTX and the kernel compiled by g++ are of the same source as far as can be seen, else how they differ. */
std::string difference(const std::string& ptx, const Kernel& kernel);

bool has_entry(const std::string& ptx, const std::string& name);

}  // namespace emulated
