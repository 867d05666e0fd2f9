#include "actors/document/formats/rtf_codes.hpp"

#include <map>
#include <set>

namespace graphrag::document::formats {

std::string rtf_charset(int code_page) {
  switch (code_page) {
  case 65001:
    return "utf-8";
  case 10000:
    return "macintosh";
  case 1361:
    return "johab";
  case 932:
  case 936:
  case 949:
  case 950:
    return "windows-" + std::to_string(code_page);
  default:
    break;
  }
  if (code_page >= 1250 && code_page <= 1258) return "windows-" + std::to_string(code_page);
  static const std::set<int> dos{437, 708, 720, 737, 775, 850, 852, 855, 857, 858,
                                 860, 861, 862, 863, 864, 865, 866, 869, 874};
  return dos.contains(code_page) ? "cp" + std::to_string(code_page) : "windows-1252";
}

int rtf_font_code_page(int fcharset) {
  static const std::map<int, int> pages{
      {0, 1252},   {77, 10000}, {128, 932},  {129, 949},  {130, 1361}, {134, 936},
      {136, 950},  {161, 1253}, {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256},
      {186, 1257}, {204, 1251}, {222, 874},  {238, 1250}, {254, 437},  {255, 850}};
  const auto found = pages.find(fcharset);
  return found == pages.end() ? 0 : found->second;
}

bool rtf_two_bytes(int code_page) {
  return code_page == 932 || code_page == 936 || code_page == 949 || code_page == 950 ||
         code_page == 1361;
}

char32_t rtf_character(std::string_view word) {
  static const std::map<std::string_view, char32_t> characters{{"tab", '\t'},
                                                               {"emdash", 0x2014},
                                                               {"endash", 0x2013},
                                                               {"bullet", 0x2022},
                                                               {"lquote", 0x2018},
                                                               {"rquote", 0x2019},
                                                               {"ldblquote", 0x201c},
                                                               {"rdblquote", 0x201d},
                                                               {"emspace", ' '},
                                                               {"enspace", ' '},
                                                               {"qmspace", ' '},
                                                               {"~", ' '},
                                                               {"_", '-'},
                                                               {"{", '{'},
                                                               {"}", '}'},
                                                               {"\\", '\\'},
                                                               {"zwj", 0x200d},
                                                               {"zwnj", 0x200c}};
  const auto found = characters.find(word);
  return found == characters.end() ? 0 : found->second;
}

bool rtf_is_skipped(std::string_view destination) {
  static const std::set<std::string_view> skipped{"colortbl",
                                                  "filetbl",
                                                  "listtable",
                                                  "listoverridetable",
                                                  "revtbl",
                                                  "rsidtbl",
                                                  "generator",
                                                  "pict",
                                                  "objdata",
                                                  "fldinst",
                                                  "themedata",
                                                  "datastore",
                                                  "latentstyles",
                                                  "xmlnstbl",
                                                  "mmathPr",
                                                  "nonshppict",
                                                  "listtext",
                                                  "pntext",
                                                  "pnseclvl",
                                                  "bkmkstart",
                                                  "bkmkend",
                                                  "xe",
                                                  "tc",
                                                  "annotation",
                                                  "atnid",
                                                  "atnauthor",
                                                  "atndate",
                                                  "atnref",
                                                  "shppict",
                                                  "sn",
                                                  "sv",
                                                  "do",
                                                  "falt",
                                                  "panose",
                                                  "ftnsep",
                                                  "ftnsepc",
                                                  "aftnsep",
                                                  "aftnsepc",
                                                  "wgrffmtfilter",
                                                  "userprops",
                                                  "colorschememapping"};
  return skipped.contains(destination);
}

bool rtf_is_margin(std::string_view destination) {
  static const std::set<std::string_view> margins{"header",  "headerl", "headerr",
                                                  "headerf", "footer",  "footerl",
                                                  "footerr", "footerf", "footnote"};
  return margins.contains(destination);
}

} // namespace graphrag::document::formats
