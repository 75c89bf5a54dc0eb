// Where musl looks for a library (load_library, path_open and fixup_rpath of ldso/dynlink.c).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loader/musl_process.h"

namespace abiscope::loader::musl {

// Names that mean the loader itself: libc, libpthread, librt, libm, libdl, libutil, libxnet followed by a dot and anything. The word that
// matched, without "lib", or nothing.
[[nodiscard]] std::optional<std::string_view> reserved_word(std::string_view name);

struct Hit {
    std::string path;                  // as musl composed it
    ModuleCache::Opened file;
    FoundBy found_by = FoundBy::path;
    std::string detail;                // the directory it was found in, or where the list came from
};

class Search {
public:
    explicit Search(Process& process);

    // A name without '/'. On failure Process::error is what open() said last, or what was there before when nothing was opened.
    [[nodiscard]] std::optional<Hit> find(std::string_view name, Object* needed_by, finding::Trace& trace);

    // A path as it is written.
    [[nodiscard]] std::optional<Hit> open(std::string_view path, finding::Trace& trace);

private:
    enum class State { not_found, inhibited, found };
    struct List {
        std::string_view text;         // directories separated by ':' or '\n'
        FoundBy kind;
        std::string origin;            // "LD_LIBRARY_PATH", "DT_RUNPATH of /app/x"
    };
    [[nodiscard]] State walk(std::string_view name, const List& list, Hit& hit, finding::Trace& trace);
    [[nodiscard]] std::optional<ModuleCache::Opened> open_file(const std::string& path);
    void resolve_origin(Object& object, finding::Trace& trace);
    [[nodiscard]] std::string program_real_path() const;
    void read_system_path();

    Process& process_;
    std::optional<std::string> library_path_;      // LD_LIBRARY_PATH
    std::optional<std::string> system_path_;       // from /etc/ld-musl-ARCH.path or built in
    FoundBy system_kind_ = FoundBy::default_directory;
    std::string system_origin_;
};

}  // namespace abiscope::loader::musl
