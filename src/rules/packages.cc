#include "rules/packages.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::rules {

namespace {

// Names as of Debian 12, Fedora 40, Alpine 3.20 and Arch; a release that renamed one is served by its virtual or transitional package, or
// stands among the exceptions below.
struct Package {
    std::string_view soname;
    std::string_view debian, fedora, alpine, arch, suse;
};

constexpr Package packages[] = {
    {"libstdc++.so.6", "libstdc++6", "libstdc++", "libstdc++", "gcc-libs", "libstdc++6"},
    {"libgcc_s.so.1", "libgcc-s1", "libgcc", "libgcc", "gcc-libs", "libgcc_s1"},
    {"libgomp.so.1", "libgomp1", "libgomp", "libgomp", "gcc-libs", "libgomp1"},
    {"libatomic.so.1", "libatomic1", "libatomic", "libatomic", "gcc-libs", "libatomic1"},
    {"libgfortran.so.5", "libgfortran5", "libgfortran", "libgfortran", "gcc-libs", "libgfortran5"},
    {"libquadmath.so.0", "libquadmath0", "libquadmath", "libquadmath", "gcc-libs", "libquadmath0"},
    {"libc++.so.1", "libc++1", "libcxx", "libc++", "libc++", "libc++1"},
    {"libunwind.so.8", "libunwind8", "libunwind", "libunwind", "libunwind", "libunwind8"},
    {"libz.so.1", "zlib1g", "zlib", "zlib", "zlib", "libz1"},
    {"libbz2.so.1.0", "libbz2-1.0", "bzip2-libs", "libbz2", "bzip2", "libbz2-1"},
    {"liblzma.so.5", "liblzma5", "xz-libs", "xz-libs", "xz", "liblzma5"},
    {"libzstd.so.1", "libzstd1", "libzstd", "zstd-libs", "zstd", "libzstd1"},
    {"liblz4.so.1", "liblz4-1", "lz4-libs", "lz4-libs", "lz4", "liblz4-1"},
    {"libssl.so.3", "libssl3", "openssl-libs", "libssl3", "openssl", "libopenssl3"},
    {"libcrypto.so.3", "libssl3", "openssl-libs", "libcrypto3", "openssl", "libopenssl3"},
    {"libssl.so.1.1", "libssl1.1", "openssl1.1", "", "openssl-1.1", "libopenssl1_1"},
    {"libcrypto.so.1.1", "libssl1.1", "openssl1.1", "", "openssl-1.1", "libopenssl1_1"},
    {"libcurl.so.4", "libcurl4", "libcurl", "libcurl", "curl", "libcurl4"},
    {"libsqlite3.so.0", "libsqlite3-0", "sqlite-libs", "sqlite-libs", "sqlite", "libsqlite3-0"},
    {"libxml2.so.2", "libxml2", "libxml2", "libxml2", "libxml2", "libxml2-2"},
    {"libexpat.so.1", "libexpat1", "expat", "libexpat", "expat", "libexpat1"},
    {"libffi.so.8", "libffi8", "libffi", "libffi", "libffi", "libffi8"},
    {"libffi.so.7", "libffi7", "", "", "", "libffi7"},
    {"libselinux.so.1", "libselinux1", "libselinux", "libselinux", "libselinux", "libselinux1"},
    {"libpcre2-8.so.0", "libpcre2-8-0", "pcre2", "pcre2", "pcre2", "libpcre2-8-0"},
    {"libcrypt.so.1", "libcrypt1", "libxcrypt-compat", "", "libxcrypt-compat", "libcrypt1"},
    {"libcrypt.so.2", "", "libxcrypt", "libxcrypt", "libxcrypt", ""},
    {"libtinfo.so.6", "libtinfo6", "ncurses-libs", "ncurses-libs", "ncurses", "libncurses6"},
    {"libtinfo.so.5", "libtinfo5", "ncurses-compat-libs", "", "ncurses5-compat-libs", "libncurses5"},
    {"libncurses.so.6", "libncurses6", "ncurses-libs", "ncurses-libs", "ncurses", "libncurses6"},
    {"libncursesw.so.6", "libncursesw6", "ncurses-libs", "ncurses-libs", "ncurses", "libncurses6"},
    {"libreadline.so.8", "libreadline8", "readline", "readline", "readline", "libreadline8"},
    {"libuuid.so.1", "libuuid1", "libuuid", "libuuid", "util-linux-libs", "libuuid1"},
    {"libudev.so.1", "libudev1", "systemd-libs", "eudev-libs", "systemd-libs", "libudev1"},
    {"libsystemd.so.0", "libsystemd0", "systemd-libs", "", "systemd-libs", "libsystemd0"},
    {"libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus-libs", "dbus", "libdbus-1-3"},
    {"libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib", "glib2", "libglib-2_0-0"},
    {"libgobject-2.0.so.0", "libglib2.0-0", "glib2", "glib", "glib2", "libgobject-2_0-0"},
    {"libgtk-3.so.0", "libgtk-3-0", "gtk3", "gtk+3.0", "gtk3", "libgtk-3-0"},
    {"libX11.so.6", "libx11-6", "libX11", "libx11", "libx11", "libX11-6"},
    {"libxcb.so.1", "libxcb1", "libxcb", "libxcb", "libxcb", "libxcb1"},
    {"libGL.so.1", "libgl1", "libglvnd-glx", "mesa-gl", "libglvnd", "libGL1"},
    {"libEGL.so.1", "libegl1", "libglvnd-egl", "mesa-egl", "libglvnd", "libEGL1"},
    {"libasound.so.2", "libasound2", "alsa-lib", "alsa-lib", "alsa-lib", "libasound2"},
    {"libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig", "fontconfig", "libfontconfig1"},
    {"libfreetype.so.6", "libfreetype6", "freetype", "freetype", "freetype2", "libfreetype6"},
    {"libpng16.so.16", "libpng16-16", "libpng", "libpng", "libpng", "libpng16-16"},
    {"libjpeg.so.62", "libjpeg62-turbo", "libjpeg-turbo", "", "", "libjpeg62"},
    {"libjpeg.so.8", "libjpeg8", "", "libjpeg-turbo", "libjpeg-turbo", "libjpeg8"},
    {"libpq.so.5", "libpq5", "libpq", "libpq", "postgresql-libs", "libpq5"},
    {"libgmp.so.10", "libgmp10", "gmp", "gmp", "gmp", "libgmp10"},
    {"libfuse.so.2", "libfuse2", "fuse-libs", "fuse", "fuse2", "libfuse2"},
    {"libnuma.so.1", "libnuma1", "numactl-libs", "numactl", "numactl", "libnuma1"},
    {"libcap.so.2", "libcap2", "libcap", "libcap", "libcap", "libcap2"},
    {"libbsd.so.0", "libbsd0", "libbsd", "libbsd", "libbsd", "libbsd0"},
    {"libpython3.11.so.1.0", "libpython3.11", "python3.11-libs", "python3", "", "libpython3_11-1_0"},
};

// A release as one number: 12 for debian:12, 2204 for ubuntu:22.04, 1504 for opensuse:15.4; rolling ones are later than all.
using Release = unsigned;
constexpr Release first_release = 0, rolling = 1'000'000;

// Releases that have the package. Debian's were asked of apt-get on 11, 12, 13 and sid.
struct Limit {
    std::string_view distribution, soname;
    Release first, last;
};

constexpr Limit limits[] = {
    {"debian", "libssl.so.3", 12, rolling},
    {"debian", "libcrypto.so.3", 12, rolling},
    {"debian", "libssl.so.1.1", 9, 11},
    {"debian", "libcrypto.so.1.1", 9, 11},
    {"debian", "libffi.so.8", 12, rolling},
    {"debian", "libffi.so.7", 11, 11},
    {"debian", "libtinfo.so.5", first_release, 12},
    {"debian", "libpython3.11.so.1.0", 12, 12},
    {"debian", "libasound.so.2", first_release, 13},
    {"debian", "libcrypt.so.1", 11, rolling},   // before it was the C library's
    {"debian", "libgcc_s.so.1", 11, rolling},   // before it was libgcc1
    {"debian", "libreadline.so.8", 11, rolling},
    {"debian", "libgfortran.so.5", 10, rolling},
    {"ubuntu", "libssl.so.3", 2204, rolling},
    {"ubuntu", "libcrypto.so.3", 2204, rolling},
    {"ubuntu", "libssl.so.1.1", 1804, 2004},
    {"ubuntu", "libcrypto.so.1.1", 1804, 2004},
    {"ubuntu", "libffi.so.8", 2204, rolling},
    {"ubuntu", "libffi.so.7", 2004, 2004},
    {"ubuntu", "libtinfo.so.5", first_release, 2310},
    {"ubuntu", "libasound.so.2", first_release, 2310},
    {"ubuntu", "libcrypt.so.1", 2004, rolling},
    {"ubuntu", "libgcc_s.so.1", 2004, rolling},
    {"ubuntu", "libreadline.so.8", 2004, rolling},
    {"ubuntu", "libgfortran.so.5", 1804, rolling},
    {"fedora", "libssl.so.1.1", 36, 37},
    {"fedora", "libcrypto.so.1.1", 36, 37},
    {"rhel", "libssl.so.3", 9, rolling},
    {"rhel", "libcrypto.so.3", 9, rolling},
    {"amazonlinux", "libssl.so.3", 2023, rolling},
    {"amazonlinux", "libcrypto.so.3", 2023, rolling},
    {"alpine", "libssl.so.3", 317, rolling},
    {"alpine", "libcrypto.so.3", 317, rolling},
    {"alpine", "libffi.so.8", 315, rolling},
    {"opensuse", "libssl.so.3", 1504, rolling},
    {"opensuse", "libcrypto.so.3", 1504, rolling},
    {"opensuse", "libffi.so.8", rolling, rolling},
};

// Names that a distribution has for no release, though one of its family has them.
struct Absence {
    std::string_view distribution, name;
};
constexpr Absence absences[] = {
    {"debian", "libjpeg8"},        {"ubuntu", "libjpeg62-turbo"}, {"ubuntu", "libpython3.11"},
    {"fedora", "python3.11-libs"}, {"rhel", "openssl1.1"},        {"amazonlinux", "openssl1.1"},
    {"almalinux", "openssl1.1"},   {"rockylinux", "openssl1.1"},  {"amazonlinux", "python3.11-libs"},
};

struct Family {
    std::string_view distribution;
    Release last;              // that has this command
    std::string_view command;
    std::string_view Package::* name;
};

constexpr Family families[] = {
    {"debian", rolling, "apt-get install", &Package::debian}, {"ubuntu", rolling, "apt-get install", &Package::debian},
    {"fedora", rolling, "dnf install", &Package::fedora},     {"rhel", 7, "yum install", &Package::fedora},
    {"rhel", rolling, "dnf install", &Package::fedora},       {"almalinux", rolling, "dnf install", &Package::fedora},
    {"rockylinux", rolling, "dnf install", &Package::fedora}, {"centos", rolling, "yum install", &Package::fedora},
    {"amazonlinux", 2, "yum install", &Package::fedora},      {"amazonlinux", rolling, "dnf install", &Package::fedora},
    {"alpine", rolling, "apk add", &Package::alpine},         {"arch", rolling, "pacman -S", &Package::arch},
    {"opensuse", rolling, "zypper install", &Package::suse},  {"sles", rolling, "zypper install", &Package::suse},
};

// Of "ubuntu:22.04/amd64".
struct Target {
    std::string_view distribution;
    Release release = rolling;
};

Target target_of(std::string_view name) {
    name = name.substr(0, name.find('/'));
    std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) return {.distribution = name};
    Target target{.distribution = name.substr(0, colon)};
    std::vector<std::string_view> parts = text::split(name.substr(colon + 1), ".");
    auto major = text::parse_unsigned(parts.front());
    if (!major) return target;
    auto minor = parts.size() > 1 ? text::parse_unsigned(parts[1]).value_or(0) : 0;
    target.release = static_cast<Release>(parts.size() > 1 ? *major * 100 + minor : *major);
    return target;
}

bool has(const Target& target, std::string_view soname, std::string_view name) {
    if (name.empty()) return false;
    if (std::ranges::any_of(absences, [&](const Absence& one) { return one.distribution == target.distribution && one.name == name; }))
        return false;
    return std::ranges::none_of(limits, [&](const Limit& one) {
        return one.distribution == target.distribution && one.soname == soname && (target.release < one.first || target.release > one.last);
    });
}

}  // namespace

std::optional<std::string> install_command(std::string_view target_name, std::string_view soname) {
    Target target = target_of(target_name);
    for (const Family& family : families) {
        if (target.distribution != family.distribution || target.release > family.last) continue;
        for (const Package& package : packages) {
            std::string_view name = package.*family.name;
            if (package.soname == soname && has(target, soname, name)) return fmt::format("{} {}", family.command, name);
        }
        return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace abiscope::rules
