#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "bytes/shared_library.h"
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
        auto module = SharedLibrary::open(place.string());
        if (!module) {
            reason = module.error().had;
            continue;
        }
        const char* build = nullptr;
        ClangRead read = nullptr;
        bool ours = module->bind(build, clang_build_symbol) && module->bind(read, clang_read_symbol);
        if (!ours || std::string_view(build) != ABISCOPE_VERSION) {
            reason = fmt::format("{} is of another build", place.string());
            continue;
        }
        return read;
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
