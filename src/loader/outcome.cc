#include "loader/outcome.h"

#include <array>

namespace abiscope::loader {

namespace {

template <typename Enum, std::size_t count>
std::string_view name_of(const std::array<std::string_view, count>& names, Enum value) {
    auto index = static_cast<std::size_t>(value);
    return index < count ? names[index] : "unknown";
}

constexpr std::array<std::string_view, 4> verdicts{"runs", "fails", "conditional", "unknown"};
constexpr std::array<std::string_view, 8> stages{"kernel",  "interpreter", "libraries", "versions",
                                                 "symbols", "relocation",  "isa",       "runtime"};
constexpr std::array<std::string_view, 22> problems{"not_executable",
                                                    "format_refused",
                                                    "interpreter_missing",
                                                    "interpreter_unusable",
                                                    "other_exec_error",
                                                    "killed_at_exec",
                                                    "library_missing",
                                                    "library_rejected",
                                                    "version_missing",
                                                    "version_information_missing",
                                                    "symbol_missing",
                                                    "symbol_size_differs",
                                                    "relocation_unsupported",
                                                    "relocation_failed",
                                                    "isa_needed",
                                                    "isa_used",
                                                    "cpu_too_old_for_libc",
                                                    "loader_assertion",
                                                    "crash",
                                                    "preload_ignored",
                                                    "os_not_simulated",
                                                    "evidence_missing"};
constexpr std::array<std::string_view, 13> found_by_names{"program", "interpreter",  "preload",    "already_loaded", "path",
                                                          "rpath",   "library_path", "runpath",    "cache",          "default_directory",
                                                          "vdso",    "libc_itself",  "config_path"};

}  // namespace

std::string_view to_string(Verdict verdict) { return name_of(verdicts, verdict); }
std::string_view to_string(Stage stage) { return name_of(stages, stage); }
std::string_view to_string(ProblemKind kind) { return name_of(problems, kind); }
std::string_view to_string(FoundBy found_by) { return name_of(found_by_names, found_by); }

}  // namespace abiscope::loader
