// clang's builtin types by the model's names.
#pragma once

#include <optional>

#include <clang/AST/Type.h>

#include "abi/type.h"

namespace abiscope::clang_reader {

// Nothing for a type the model does not have: OpenCL's, SVE's, fixed-point numbers.
[[nodiscard]] std::optional<abi::Scalar> scalar_of(const clang::BuiltinType& type);

}  // namespace abiscope::clang_reader
