#include "loader/glibc_dst.h"

#include <algorithm>

namespace abiscope::loader {

namespace {

bool continues_identifier(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// Length of the token `name` at the start of `text` (what follows the dollar sign), braces included; 0 when it is another one.
std::size_t token_length(std::string_view text, std::string_view name) {
    bool braces = text.starts_with('{');
    if (braces) text.remove_prefix(1);
    if (!text.starts_with(name)) return 0;
    char next = text.size() > name.size() ? text[name.size()] : '\0';
    if (braces ? next != '}' : continues_identifier(next)) return 0;
    return name.size() + (braces ? 2 : 0);
}

// Whether a path, its "." and ".." taken away, lies below a built-in directory.
bool is_trusted(std::string_view path, std::span<const std::string> trusted) {
    if (path.empty()) return false;
    std::string normal;
    while (!path.empty()) {
        if (path.starts_with("/../") || path == "/..") {
            auto slash = normal.rfind('/');
            normal.resize(slash == std::string::npos ? 0 : slash);
            path.remove_prefix(3);
        } else if (path.starts_with("/./") || path == "/.") {
            path.remove_prefix(2);
        } else if (path.starts_with('/') && normal.ends_with('/')) {
            path.remove_prefix(1);
        } else {
            normal.push_back(path.front());
            path.remove_prefix(1);
        }
    }
    if (!normal.ends_with('/')) normal.push_back('/');
    return std::ranges::any_of(trusted, [&](const std::string& directory) { return normal.starts_with(directory); });
}

}  // namespace

bool has_dst(std::string_view text) {
    for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
        std::string_view rest = text.substr(at + 1);
        for (std::string_view name : {"ORIGIN", "PLATFORM", "LIB"}) {
            if (token_length(rest, name) != 0) return true;
        }
    }
    return false;
}

std::optional<std::string> expand_dst(std::string_view text, const DstValues& values) {
    if (!has_dst(text)) return std::string(text);
    std::string out;
    bool check_trust = false;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '$') {
            out.push_back(text[at++]);
            continue;
        }
        std::string_view rest = text.substr(at + 1);
        const std::optional<std::string_view>* value = nullptr;
        std::size_t length = 0;
        if ((length = token_length(rest, "ORIGIN")) != 0) {
            bool alone = at == 0 && (rest.size() == length || rest[length] == '/');
            if (values.secure && !alone) return std::nullopt;
            check_trust = values.secure && values.executable;
            value = &values.origin;
        } else if ((length = token_length(rest, "PLATFORM")) != 0) {
            value = &values.platform;
        } else if ((length = token_length(rest, "LIB")) != 0) {
            value = &values.lib;
        }
        if (length == 0) {
            out.push_back('$');
            ++at;
            continue;
        }
        if (!*value) return std::nullopt;
        out += **value;
        at += 1 + length;
    }
    if (check_trust && !is_trusted(out, values.trusted)) return std::nullopt;
    return out;
}

}  // namespace abiscope::loader
