// What a file shows, beside its machine, of the ABI it was compiled for.
#pragma once

#include <cstdint>

#include "elf/image.h"
#include "finding/sink.h"
#include "pe/image.h"

namespace abiscope::debuginfo {

// How floating-point arguments travel on 32-bit Arm.
enum class FloatAbi : std::uint8_t { hard, soft, unknown };

// The flags of a linked file; of an object file Tag_ABI_VFP_args. `unknown`: neither says.
[[nodiscard]] FloatAbi arm_float_abi(const elf::Image& image);

// Which of the two ABIs of Windows clang compiled the file for, by its names, by what it imports, by the time in an object file.
enum class WindowsAbi : std::uint8_t { mingw, microsoft, unknown };
[[nodiscard]] WindowsAbi windows_abi(const pe::Image& image);

}  // namespace abiscope::debuginfo
