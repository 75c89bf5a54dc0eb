#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <dlfcn.h>

#include <fmt/format.h>

#include "source/clang_module.h"

namespace abiscope::source {

namespace {

// Beside a program that was just built, in ../lib/abiscope/ of an installed one; a test program lies in a folder below.
std::vector<std::filesystem::path> places() {
    std::error_code failed;
    std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
    if (failed) return {};
    std::vector<std::filesystem::path> all{folder / clang_module_file, folder / ABISCOPE_MODULE_FOLDER / clang_module_file};
    for (int up = 0; up < 3 && folder.has_parent_path(); ++up) {
        folder = folder.parent_path();
        all.push_back(folder / clang_module_file);
    }
    return all;
}

Result<ClangRead> load() {
    std::string reason = "it is not beside the program: abiscope was built without clang 19";
    for (const std::filesystem::path& place : places()) {
        std::error_code failed;
        if (!std::filesystem::exists(place, failed)) continue;
        // Stays loaded: clang leaves threads' and exit handlers behind.
        void* module = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (module == nullptr) {
            const char* why = ::dlerror();
            reason = why == nullptr ? "it cannot be loaded" : why;
            continue;
        }
        const auto* build = static_cast<const char*>(::dlsym(module, clang_build_symbol));
        void* read = ::dlsym(module, clang_read_symbol);
        if (build == nullptr || read == nullptr || std::string_view(build) != ABISCOPE_VERSION) {
            reason = fmt::format("{} is of another build", place.string());
            continue;
        }
        return reinterpret_cast<ClangRead>(read);
    }
    return fail(Error{.code = ErrorCode::unsupported,
                      .what = fmt::format("C and C++ are read by the module {}, which cannot be used", clang_module_file),
                      .wanted = "the Debian packages libclang-cpp19 and libclang-common-19-dev",
                      .had = std::move(reason)});
}

}  // namespace

Result<ClangRead> open_clang() {
    static const Result<ClangRead> loaded = load();
    return loaded;
}

}  // namespace abiscope::source
