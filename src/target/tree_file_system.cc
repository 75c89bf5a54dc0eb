#include "target/tree_file_system.h"

#include <atomic>
#include <cerrno>

namespace abiscope::target {

namespace {

constexpr Credentials root{0, 0};

// What is left of the path: links put their text in front.
struct Rest {
    std::string text;
    std::size_t at = 0;

    [[nodiscard]] bool ended() const { return at >= text.size(); }
    void skip_slashes() {
        while (!ended() && text[at] == '/') ++at;
    }
    [[nodiscard]] std::string_view take_name() {
        std::size_t end = text.find('/', at);
        if (end == std::string::npos) end = text.size();
        std::string_view name = std::string_view(text).substr(at, end - at);
        at = end;
        return name;
    }
};

void go_up(std::string& real) {
    std::size_t slash = real.rfind('/');
    real.resize(slash == std::string::npos ? 0 : slash);
}

}  // namespace

SystemResult<TreeFileSystem::Found> TreeFileSystem::walk(std::string_view path, Credentials who) const {
    if (path.empty()) return std::unexpected(ENOENT);
    if (path.size() >= longest_path) return std::unexpected(ENAMETOOLONG);
    auto top = node("/");
    if (!top) return std::unexpected(top.error());
    std::string real;   // without a trailing slash: empty is the root
    FileStatus here = top->status;
    Rest rest{std::string(path)};
    rest.skip_slashes();
    unsigned links = 0;
    while (!rest.ended()) {
        if (here.kind != FileKind::directory) return std::unexpected(ENOTDIR);
        if (!permits(here, who, Access::execute)) return std::unexpected(EACCES);
        std::string_view name = rest.take_name();
        bool last = rest.ended();
        if (name == ".") {
            rest.skip_slashes();
            continue;
        }
        if (name == "..") {
            go_up(real);
            auto above = node(real.empty() ? "/" : std::string_view(real));
            if (!above) return std::unexpected(above.error());
            here = above->status;
            rest.skip_slashes();
            continue;
        }
        if (name.size() > longest_name) return std::unexpected(ENAMETOOLONG);
        std::size_t folder = real.size();
        real += '/';
        real += name;
        auto found = node(real);
        if (!found) return std::unexpected(found.error());
        if (found->is_link) {
            if (++links > most_links) return std::unexpected(ELOOP);
            if (found->link.empty()) return std::unexpected(ENOENT);
            real.resize(folder);
            if (found->link.front() == '/') {
                real.clear();
                here = top->status;
            }
            rest = Rest{found->link + rest.text.substr(rest.at)};
            rest.skip_slashes();
            continue;
        }
        here = found->status;
        rest.skip_slashes();
        // A slash after the last name asks for a directory.
        if (!last && rest.ended() && here.kind != FileKind::directory) return std::unexpected(ENOTDIR);
    }
    return Found{real.empty() ? "/" : std::move(real), here};
}

SystemResult<FileStatus> TreeFileSystem::status(std::string_view path, Credentials who) const {
    auto found = walk(path, who);
    if (!found) return std::unexpected(found.error());
    return found->status;
}

SystemResult<Contents> TreeFileSystem::open(std::string_view path, Credentials who) const {
    auto found = walk(path, who);
    if (!found) return std::unexpected(found.error());
    if (!permits(found->status, who, Access::read)) return std::unexpected(EACCES);
    if (found->status.kind == FileKind::directory) return std::unexpected(EISDIR);
    if (found->status.kind == FileKind::other) return Contents(Source::from_memory(found->path, {}));
    return contents(found->path, found->status);
}

SystemResult<std::string> TreeFileSystem::real_path(std::string_view path) const {
    auto found = walk(path, root);
    if (!found) return std::unexpected(found.error());
    return std::move(found->path);
}

std::uint64_t new_device() {
    // Linux device numbers use 32 bits.
    static std::atomic<std::uint64_t> next{std::uint64_t{1} << 40};
    return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace abiscope::target
