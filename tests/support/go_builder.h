// A made-up Go program in memory: a table of functions, module data and a few type descriptors, as the linker of a release lays them out.
// Knows the layouts on its own, from Go's source; nothing of the readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::test {

struct GoRun {
    unsigned bytes;        // of code
    std::int32_t value;
};

struct GoInline {
    std::string name;
    std::int32_t parent_pc;
    std::int32_t start_line;
};

struct GoFunctionSpec {
    std::string name;
    unsigned size = 16;                 // bytes of code
    std::string file = "/src/main.go";
    std::vector<GoRun> lines;           // empty: line 1 everywhere
    std::vector<GoRun> stack;           // empty: no table
    std::vector<GoRun> inline_index;    // empty: nothing inlined
    std::vector<GoInline> inlined;
    std::vector<GoRun> stack_map_index;   // empty: no table
    unsigned local_words = 0;             // bits of each map of local variables
    std::vector<std::uint8_t> local_maps; // of up to 8 words each; empty: there are none
    std::uint8_t id = 0;
    std::int32_t start_line = 1;
};

// Growing bytes in a byte order.
class GoBytes {
public:
    explicit GoBytes(unsigned word, bool big) : word_(word), big_(big) {}
    void integer(std::uint64_t value, unsigned size);
    void word(std::uint64_t value) { integer(value, word_); }
    void text(std::string_view value, bool terminated = true);
    void align(unsigned alignment) {
        while (bytes.size() % alignment != 0) bytes.push_back(std::byte{0});
    }
    void set(std::size_t at, std::uint64_t value, unsigned size);
    [[nodiscard]] std::size_t size() const { return bytes.size(); }

    std::vector<std::byte> bytes;

private:
    unsigned word_;
    bool big_;
};

struct GoProgramSpec {
    unsigned minor = 22;     // of Go 1
    unsigned word = 8;
    bool big = false;
    unsigned quantum = 1;
    std::string version;     // runtime.buildVersion; empty: there is none
};

struct GoProgram {
    std::uint64_t text = 0x401000, rodata = 0x600000, data = 0x800000;
    std::vector<std::byte> read_only, writable;
    std::uint64_t table = 0, module = 0;         // addresses
    std::uint64_t number_type = 0, node_type = 0;  // descriptors: main.Number (int32), main.Node { Value Number `json:"v"`; next *Node }
};

[[nodiscard]] GoProgram make_go_program(const GoProgramSpec& spec, const std::vector<GoFunctionSpec>& functions);

}  // namespace abiscope::test
