// A library or module that is loaded when it is first needed: for what most runs never need and every start would pay for.
#pragma once

#include <string>
#include <type_traits>

#include "base/result.h"

namespace abiscope {

// Stays loaded until the program ends: libraries leave threads' and exit handlers behind.
class SharedLibrary {
public:
    // A path, or a name the system's loader looks for. Error: unsupported, with the loader's words.
    [[nodiscard]] static Result<SharedLibrary> open(const std::string& name);

    // False, and `out` is null, when the library has no such symbol.
    template <typename Pointer>
        requires std::is_pointer_v<Pointer>
    [[nodiscard]] bool bind(Pointer& out, const char* symbol) const {
        out = reinterpret_cast<Pointer>(find(symbol));
        return out != nullptr;
    }

private:
    explicit SharedLibrary(void* handle) : handle_(handle) {}
    [[nodiscard]] void* find(const char* symbol) const;

    void* handle_;
};

}  // namespace abiscope
