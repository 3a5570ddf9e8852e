// SPDX-License-Identifier: Apache-2.0
#include "advertisement_patterns.hpp"

#include <array>

namespace farpoint::clean {

namespace {

// Phrases that web pages say of themselves. What instructions and articles say as well ("free trial", "discount",
// "privacy policy") stands only with what makes it an appeal or a footer.
constexpr std::array patterns = std::to_array<std::string_view>({
    // Appeals to buy
    R"(\bclick (?:here|below|the (?:link|button) below) (?:to|for)\b)",
    R"(\b(?:buy|order|shop|book|enroll|register|apply|call|download) (?:it |yours |online )?(?:now|today)\s*[!>».|]*$)",
    R"(\b(?:buy|order|shop|call|act|enroll) now\b\s*(?:!|and|to|at|for|before|while))",
    R"(\blimited[- ]time (?:offer|only|deal|discount))",
    R"(\bwhile (?:supplies|stocks?) lasts?\b)",
    R"(\b(?:special|exclusive|today'?s|hot) (?:offers?|deals?)\b\s*[!:])",
    R"(\boffer (?:expires|ends|valid)\b)",
    R"(\bfree shipping\b.{0,20}(?:!|\bon (?:all )?orders\b|\bworldwide\b))",
    R"(\b(?:up to )?\d{1,2}% off\b.{0,40}(?:!|\b(?:code|coupon|today|now|sale|everything|order)\b))",
    R"(\b(?:promo|coupon|discount) codes?\b\s*[:!]?\s*["']?[A-Z0-9]{4,}\b.{0,40}(?:!|off|checkout))",
    R"(\bsatisfaction guaranteed\b|\bmoney[- ]back guarantee\b)",
    R"(\brisk[- ]free (?:trial|for)\b)",
    R"(\bdon'?t miss (?:out on|this) (?:this|our|the|offer|deal|chance)\b)",
    R"(\b(?:hurry|act fast|last chance)\b\s*[!,].{0,60}(?:offer|sale|stock|deal|left|today|now))",
    R"(\bget (?:your|a) free (?:quote|consultation|estimate|sample|copy|trial)\b)",
    R"(\bstart your free trial\b|\btry (?:it )?(?:for )?free (?:today|now|for \d+ days)\b)",
    R"(\b(?:request|schedule|book) (?:a|your) (?:free )?(?:demo|quote|consultation) (?:now|today)\b)",
    R"(\bcontact us (?:today|now)\b|\bcall us (?:today|now|toll[- ]free|at)\b)",
    R"(\bbest prices? guaranteed\b|\blowest prices? (?:guaranteed|online)\b)",
    R"(\bmake money (?:online|from home|fast)\b.{0,60}(?:!|now|today|click))",
    R"(\bas seen on tv\b)",
    // Appeals to follow
    R"(\b(?:subscribe|sign up) (?:to|for) (?:our|the|my) (?:free |weekly |daily |monthly |email )*(?:newsletter|mailing list|updates|channel)\b)",
    R"(\bjoin our (?:newsletter|mailing list|email list|telegram|discord)\b)",
    R"(\b(?:like|follow|find|join) us on (?:facebook|twitter|instagram|linkedin|youtube|pinterest|tiktok|social media)\b)",
    R"(\bshare (?:this|on|to|via) (?:(?:post|article|page|story|entry|on|to|via|with)\b ?)*(?:facebook|twitter|pinterest|linkedin|whatsapp|email|reddit|tumblr)\b)",
    R"(\bclick to share\b|\bshare this:)",
    R"(\b(?:don'?t forget to|please) (?:like|subscribe|share)(?:,| and) (?:and )?(?:like|subscribe|share|comment)\b)",
    R"(\bsmash (?:that|the) like button\b)",
    R"(\benter your e-?mail (?:address )?(?:to|below|and|for)\b)",
    R"(\bunsubscribe (?:at any ?time|here|from (?:this|our|these))\b)",
    R"(\bdownload (?:our|the) (?:free )?(?:mobile )?app (?:now|today|from|for free|on)\b)",
    // Navigation
    R"(^\PL*(?:home|back to (?:home|top)|skip to (?:main )?content|main menu|toggle navigation|site ?map)\PL*$)",
    R"(\bskip to (?:main |primary )?content\b)",
    R"(^\PL*(?:read|learn|show|see|view|load) (?:more|all)\PL*$)",
    R"(\bcontinue reading\b\PL*(?:$|→|»|below))",
    R"(^\PL*(?:previous|next|older|newer) (?:post|article|page|entry|entries|posts)s?\b)",
    R"(^\PL*(?:log ?in|sign in|register|sign up)\PL+(?:\b(?:or|to|and)\b\PL*)?(?:log ?in|sign in|register|sign up|create an account)\b)",
    R"(\byou must be (?:logged in|registered) to\b|\b(?:log ?in|sign in) to (?:leave a|post a|add a|view|reply|comment|vote)\b)",
    R"(\bleave a (?:reply|comment)\b\PL*(?:$|cancel|below|on\b))",
    R"(\byour e-?mail address will not be published\b|\brequired fields are marked\b)",
    R"(^\PL*(?:related|popular|recent|latest|recommended|trending) (?:posts?|articles?|stories|news|products|comments|searches)\PL*$)",
    R"(\b(?:you may|you might) also (?:like|be interested in)\b\PL*$)",
    R"(\bcustomers who (?:bought|viewed) this (?:item )?also\b)",
    R"(\badd(?:ed)? to (?:cart|basket|bag|wish ?list)\b\PL*(?:$|view|buy|add|checkout))",
    R"(^\PL*(?:proceed to )?checkout\PL*$|\bview (?:your )?(?:cart|basket)\b\PL*$)",
    R"(^\PL*(?:filed under|posted (?:in|by|on)|tagged(?: with)?|tags|categories|permalink)\s*[:|])",
    R"(\bjump to (?:navigation|recipe)\b)",
    R"(^\PL*(?:print|email) this (?:page|article|post)\PL*$)",
    // Boilerplate
    R"(\ball rights? reserved\b)",
    R"((?:©|\(c\)|\bcopyright)\s*(?:©|\(c\))?\s*(?:19|20)\d\d\b)",
    R"((?:\bterms (?:of (?:use|service)|and conditions|& conditions)\b).{0,20}\bprivacy policy\b|\bprivacy policy\b.{0,20}\bterms (?:of (?:use|service)|and conditions|& conditions)\b)",
    R"(\b(?:this|our) (?:web)?site uses cookies\b|\bwe use cookies (?:to|on|and)\b)",
    R"(\b(?:accept|manage|reject) (?:all )?cookies\b\PL*(?:$|accept|reject|manage|settings))",
    R"(\bby (?:using|continuing to use|browsing) (?:this|our) (?:web)?site,? you (?:agree|accept|consent)\b)",
    R"(\bpowered by (?:wordpress|blogger|shopify|joomla|drupal|vbulletin|phpbb|disqus|wix|squarespace)\b)",
    R"(\b(?:please )?(?:enable|turn on) javascript\b|\bjavascript (?:is|must be) (?:disabled|enabled|required)\b)",
    R"(\bthis (?:post|page|article|site) (?:may )?contains? affiliate links\b)",
    R"(\bas an amazon associate\b)",
    R"(\b(?:sponsored|paid) (?:content|post|partnership)\b\PL*(?:$|by\b|with\b))",
    R"(^\PL*(?:advertisements?|sponsored|ads by google|story continues below(?: advertisement)?)\PL*$)",
    R"(\bto view this (?:video|content|page) please (?:enable|upgrade|log))",
    R"(\b(?:visit|check out) our (?:website|online store|store|shop|facebook page)\b.{0,40}(?:\bat\b|\bfor (?:more|details)|\bto (?:learn|see|order|buy)|!))",

    // Chinese: groups and contacts
    "(?:加|添加|私信|咨询|联系)(?:我|我们|客服|老师|助理|小编|好友)?(?:的)?(?:个人)?(?:微信|薇信|威信|VX|V信|wechat)(?:"
    "号|群|公众号)?",
    "(?:微信|VX|威信|薇信|QQ|扣扣)(?:号|群|客服|咨询)?\\s*[:：]\\s*[A-Za-z0-9_-]{5,}",
    "(?:扫码|扫一扫|扫描|长按|识别)[^\\n]{0,10}(?:关注|加入|加群|领取|添加|下载|咨询|进群|二维码)",
    "(?:加入|进入|加)(?:我们的?|官方|学习|交流|粉丝|福利)*(?:QQ|微信|交流|粉丝|福利)群",
    "(?:关注|搜索)(?:我们的?|本|官方|以下)?(?:微信)?公众号",
    "公众号(?:回复|后台回复|后台|搜索|[:：])",
    "后台回复(?:关键词|[“「\"【\\[])",
    "(?:拨打|致电|咨询)(?:我们的?|客服|官方|免费|服务)*(?:热线|电话)",
    "(?:全国|免费|24小时|二十四小时|服务|咨询|订购|客服|加盟|销售|招生|报名)(?:统一|服务|咨询|客服)?热线\\s*[:：]",
    "(?:咨询|订购|报名|加盟|客服|招商)电话\\s*[:：]",
    "免费(?:咨询|领取|试听|试用|报价|下载|获取|注册)(?:!|！|热线|电话|名额|资料|礼包|入口|地址|→|>|$)",
    "(?:点击|戳)(?:这里|此处|下方|下面|上方|链接|按钮|图片|蓝字|阅读原文|右上角)*(?:链接|按钮|图片|蓝字|卡片)?(?:领取|"
    "购买|下载|注册|咨询|报名|查看更多|关注|抢购|进入|订阅|加入)",
    "点击(?:阅读原文|蓝字|查看原文|查看更多|加载更多|展开全文|查看全文|收起)",
    // Chinese: appeals to buy
    "(?:立即|马上|赶紧|赶快|火速|现在就)(?:购买|抢购|下单|订购|领取|报名|注册|咨询|下载|加入|预约|扫码|申请|试用)(?:!|"
    "！|吧|>|→|»|$|享|，享|,)",
    "限时(?:优惠|抢购|特价|免费|折扣|秒杀|特惠|福利|领取)",
    "(?:数量|名额|席位|库存)有限[，,!！。]?(?:先到先得|欲购从速|售完即止|抓紧|赶快|赶紧|速来)",
    "先到先得[，,！!]|欲购从速|售完即止",
    "(?:全场|全店|全网)(?:满|低至|[0-9一二三四五六七八九]折|包邮|最低价|特价)",
    "(?:满\\s*[0-9]+\\s*(?:元)?\\s*(?:减|送|返)\\s*[0-9]+)",
    "(?:低至|仅需|只需|现价|特价|秒杀价)\\s*[0-9.]+\\s*(?:元|折|块)(?:!|！|起|包邮|抢|，?原价)",
    "原价\\s*[0-9.]+\\s*元?[，, ]*(?:现价|现在|活动价|特价|优惠价|仅)",
    "(?:优惠券|红包|礼包|福利|大奖)(?:免费)?(?:领取|等你拿|等你领|大放送|限量|等着你)",
    "(?:新用户|新人)(?:注册)?(?:专享|立减|红包|即送|即可领)",
    "(?:无效|不满意)(?:包|全额)?退款|假一赔[十百三]|正品保[证障][，,！!]|七天无理由退",
    "(?:诚招|招募|诚邀)(?:全国|各地|区域)*(?:代理|加盟|经销商)|招商加盟|加盟(?:热线|咨询|费用仅)",
    "(?:日赚|月入|日入|躺赚)\\s*(?:[0-9]+|千元|过万|上万|百元|万元)",
    "(?:兼职|刷单|日结)[^\\n]{0,12}(?:日结|日赚|微信|联系|加)",
    "(?:专业)?(?:代办|代开|代考|代写)(?:发票|证件|文凭|论文)[^\\n]{0,12}(?:联系|微信|电话|QQ)",
    "(?:澳门|真人|在线)(?:娱乐城|赌场|博彩|投注)|(?:棋牌|彩票)(?:平台|下载|注册)(?:送|官网|开户)",
    "注册(?:就|即|立)?送\\s*[0-9]+",
    "(?:淘宝|天猫|京东|拼多多)(?:店铺|旗舰店|官方店)?\\s*[:：]|复制(?:这条|本条|此)(?:信息|消息|淘口令)",
    "淘口令|(?:打开|去)(?:手机)?(?:淘宝|天猫|抖音|拼多多)(?:APP|app|即可|查看|搜索)",
    // Chinese: navigation
    "^\\PL*(?:首页|网站首页|返回首页|返回顶部|网站地图|设为首页|加入收藏|联系我们|关于我们|友情链接|免责声明|登录|注册|"
    "忘记密码)(?:[\\s|>»·-]+(?:首页|返回顶部|网站地图|设为首页|加入收藏|联系我们|关于我们|友情链接|免责声明|登录|注册|"
    "忘记密码|帮助中心|隐私政策))*\\PL*$",
    "(?:您|你)(?:现在|当前)?(?:的|所在)*位置\\s*[:：>]|当前位置\\s*[:：>]",
    "^\\PL*(?:上一篇|下一篇|上一页|下一页|上一章|下一章)\\s*(?:[:：]|$)",
    "(?:相关|推荐|热门|猜你喜欢的?)(?:阅读|文章|推荐|新闻|搜索|标签)\\s*[:：]?\\s*$",
    "^\\PL*(?:猜你喜欢|为你推荐|热门推荐|大家都在看|大家还在看|延伸阅读|更多精彩内容|精彩推荐)",
    "(?:分享到|转发到|分享至)\\s*[:：]?\\s*(?:微信|朋友圈|微博|QQ|空间|新浪)",
    "(?:收藏|打印|关闭)(?:本页|此页|窗口)|【(?:打印|关闭|收藏|大 中 小)】|字体\\s*[:：]\\s*[【\\[]?\\s*大",
    "(?:登录|注册)后(?:才能|方可|即可|可以)?(?:查看|评论|回复|下载|发表|继续)",
    "(?:发表|我要|查看|全部|网友|最新)评论\\s*(?:[(（]\\s*[0-9]+|[:：]|$)",
    "(?:来源|作者|编辑|责任编辑|责编|浏览|阅读|点击|人气)(?:次数|量)?\\s*[:：][^\\n]{0,30}(?:发布|浏览|阅读|点击|更新|"
    "编辑|责编|责任编辑)(?:时间|日期|次数|量|数)?\\s*[:：]",
    "(?:未完待续|本章未完)[^\\n]{0,12}(?:点击|下一页|请)|(?:手机用户|电脑用户)请(?:浏览|到|访问)",
    "(?:请|记住|收藏)(?:记住|收藏)?(?:本站|本书|我们)(?:的)?(?:域名|网址|首发)|最新章节[^\\n]{0,12}(?:尽在|请到|更新)",
    // Chinese: boilerplate
    "版权(?:所有|归[^\\n]{1,20}所有)|All Rights Reserved|著作权归[^\\n]{1,20}所有",
    "未经(?:本站|授权|许可|允许|书面授权|作者|本网)*[，,]?(?:禁止|不得|严禁|谢绝|请勿)(?:任何形式的?|擅自)?(?:转载|"
    "复制|使用|摘编)",
    "(?:转载|引用)(?:请|须|需|时)(?:务必|请)?(?:注明|标明|保留|联系)",
    "(?:京|沪|粤|浙|苏|川|鲁|闽|渝|津|鄂|湘|豫|皖|赣|冀|晋|辽|吉|黑|陕|甘|青|琼|桂|云|贵|藏|新|宁|蒙)ICP[备证]",
    "(?:公网安备|增值电信业务经营许可证|网络文化经营许可证)",
    "(?:本站|本网|本文|本网站)(?:所有|部分|的|中)*(?:内容|资源|图片|文章|信息|素材)*(?:均|全部|部分)?(?:来源?于|来自|"
    "转载自|收集自|采集自)(?:互联网|网络|网友)",
    "如(?:有|果)?(?:涉及)?(?:侵权|侵犯)[^\\n]{0,20}(?:联系|删除|告知|处理)|侵删",
    "(?:不代表|并不代表|不意味着)(?:本站|本网|本平台|我们)(?:的)?(?:观点|立场|赞同)",
    "(?:违法|不良)(?:和不良|违法)?信息举报(?:电话|邮箱|中心|热线)",
    "(?:技术支持|备案号|主办单位|承办单位|网站建设|网站标识码)\\s*[:：]",
    "(?:下载|安装|打开)(?:我们的?|官方|客户端|手机)*(?:APP|客户端)[，,]?(?:查看|享|领|体验|阅读|即可|更多|随时)",
    "(?:觉得|如果)[^\\n]{0,12}(?:不错|喜欢|有用)[^\\n]{0,8}(?:点赞|点个赞|转发|收藏)[^\\n]{0,8}(?:关注|转发|支持|收藏)",
    "(?:一键三连|求(?:点赞|关注|收藏|推荐票|月票)|点赞[、,，]?(?:收藏|关注|投币|转发)[、,，和]*(?:关注|转发|收藏|投币)"
    ")",
});

}  // namespace

std::span<const std::string_view> advertisement_patterns() {
  return patterns;
}

}  // namespace farpoint::clean
