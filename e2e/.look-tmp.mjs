import { chromium } from 'playwright-core'
import { mkdirSync } from 'node:fs'
const L=(zh,en)=>({zh,en})
const head=(id,zh,en,o={})=>({id,version:1,kind:'title',title:L(zh,en),level:'nation',owner:'industry',document:'优质中小企业梯度培育管理办法',articles:[5],from:'2022-08-01',to:null,rung:null,window:{state:'always',from:null,to:null},unverified:false,competitive:null,...o})
const heads=[
 head('national/titles/tech-sme','科技型中小企业','Technology SME',{rung:{line:'science',step:1},owner:'science'}),
 head('national/titles/high-tech','高新技术企业','High-tech enterprise',{rung:{line:'science',step:2}}),
 head('shandong/titles/sci-leader','科技领军企业','Leading science firm',{rung:{line:'science',step:3},level:'province',unverified:true,competitive:L('在有效期内的高企中排名','Ranked among the valid high-tech firms')}),
 head('national/titles/innovative-sme','创新型中小企业','Innovative SME',{rung:{line:'quality',step:1},window:{state:'open',from:'2026-11-01T00:00:00',to:'2026-12-07T17:00:00'}}),
 head('national/titles/specialised-sme','专精特新中小企业','Specialised and innovative SME',{version:2,rung:{line:'quality',step:2}}),
 head('national/titles/little-giant','专精特新“小巨人”企业','Little giant',{rung:{line:'quality',step:3}}),
 head('shandong/titles/champion','山东省制造业单项冠军','Provincial champion',{rung:{line:'quality',step:4},level:'province'}),
 head('national/titles/champion','国家制造业单项冠军','National champion',{rung:{line:'quality',step:5}}),
 head('shandong/titles/pilot','领航企业','Pilot firm',{rung:{line:'quality',step:6},level:'province'}),
 head('shandong/policies/upgrade-interest','技改专项贷贴息','Interest aid for upgrade loans',{kind:'policy',level:'province',articles:[10,18],window:{state:'upcoming',from:'2027-01-01',to:'2027-01-31'}}),
 head('national/policies/first-set-insurance','首台（套）保险补偿','First-set insurance',{kind:'policy',articles:[8,18],window:{state:'closed',from:'2026-01-01',to:'2026-03-31'}}),
]
const rep=[{moves:[{way:'act'}],text:L('2025 年研发费用增加 12.4 万元（87.6 → 100）','12.4 10k yuan more R&D expense of 2025 (87.6 → 100)')},{moves:[{way:'later_year'}],text:L('2025 年营业收入减少 40 万元（3,200 → 2,920）','40 less revenue')}]
const line=(h,outcome,o={})=>({rule:h,outcome,held:null,unmet:[],missing:[],repairs:[],amount:null,route:'review',route_facts:[{id:'x',title:L('研发费用','R&D expense'),owner:'statistics'}],...o})
const un=[{id:'ZJ26.4.b',title:L('近两年每年研发费用占比不低于 3%','R&D at least 3 % in each of two years'),seen:'0.0273 >= 0.03',clause:null},{id:'b',title:L('x','x'),seen:null,clause:null}]
const miss=[{id:'science_staff',title:L('科技人员','Science staff'),year:2025,owner:'science'},{id:'a',title:L('全职研发人员','Full-time R&D staff'),year:2025,owner:'statistics'},{id:'c',title:L('细分市场占有率较高、有一定知名度','Fairly high share'),year:null,owner:null},{id:'d',title:L('上年度销售收入','Sales'),year:2024,owner:'tax'}]
const rules=[
 line(heads[0],'met',{held:{from:'2025-04-01',to:'2026-12-31',days_left:35,at_risk:false}}),
 line(heads[1],'unknown',{missing:miss}), line(heads[2],'unknown',{missing:miss.slice(0,1)}),
 line(heads[3],'met',{held:{from:'2024-02-01',to:'2027-02-01',days_left:67,at_risk:true}}),
 line(heads[4],'not_met',{unmet:un,repairs:rep}), line(heads[5],'not_met',{unmet:un.slice(0,1)}), line(heads[6],'unknown',{missing:miss}), line(heads[7],'not_met',{unmet:un}), line(heads[8],'not_met',{unmet:un}),
 line(heads[9],'met',{amount:{low:'120.75',high:'120.75',sum:'120.75',cap:null,uplifts:[],unit:L('万元','10k yuan'),assumed:null},route:'quick'}),
 line(heads[10],'unknown',{missing:miss.slice(0,2),amount:{low:'0',high:'56.2',sum:'56.2',cap:'50',uplifts:[L('首版次上浮','Uplift')],unit:L('万元','10k yuan'),assumed:'x'},route:'no_application'}),
]
const rung=(h,state,o={})=>({rule:h.id,title:h.title,step:h.rung.step,state,next:false,until:null,at_risk:false,...o})
const ofFirm={firm:12,name:'泰安恒信精密机械有限公司',on:'2026-11-26',year:2025,rules,ladders:[
 {line:'quality',rungs:[rung(heads[3],'held',{until:'2027-02-01',at_risk:true}),rung(heads[4],'not_met',{next:true}),rung(heads[5],'not_met'),rung(heads[6],'unknown'),rung(heads[7],'not_met'),rung(heads[8],'not_met')]},
 {line:'science',rungs:[rung(heads[0],'held',{until:'2026-12-31'}),rung(heads[1],'unknown',{next:true}),rung(heads[2],'met')]}],
 best:{take:[{rule:heads[9].id,title:heads[9].title,sum:'120.75'}],sum:'120.75',unit:L('万元','10k yuan'),leave:[{rule:heads[10].id,title:heads[10].title,why:L('与“技改专项贷贴息”不能同时享受','may not be had beside it')}]}}
const src={department:'statistics',file:'2025年度规上工业统计.xlsx',cell:'明细!F812',received_at:'2026-02-03T01:00:00Z',reason:''}
const R=(o)=>({id:'',title:L('',''),kind:'if',count:null,truth:'met',formula:null,seen:[],inputs:[],parts:[],clause:null,assumed:null,evidence:null,...o})
const proof={line:rules[4],record:1,condition:R({kind:'all',truth:'not_met',parts:[
 R({id:'ENT.1',title:L('在中国境内依法设立','Lawfully established'),formula:'legal_person',inputs:[{id:'legal_person',title:L('法人','Legal person'),year:null,value:'true',unit:L('',''),owner:null,source:null}]}),
 R({kind:'unless',title:L('工业企业符合中小企业划型标准','Industrial firm below the large limits'),id:'ENT.2.a',parts:[R({title:L('中小企业','SME'),formula:'employees < 1000 OR revenue < 40000',seen:[{left:'1000',op:'>',right:'320',truth:'met',undefined:false}]}),R({id:'ENT.2.a.n',title:L('非工业企业','Not in industry'),truth:'not_met',formula:"industry_section NOT IN ('B', 'C', 'D')"})]}),
 R({kind:'any',truth:'unknown',parts:[R({id:'ZJ26.2.a',title:L('上年度营业收入不低于 1500 万元','Revenue at least 1500'),truth:'unknown',formula:'revenue >= 1500',seen:[{left:null,op:'>=',right:'1500',truth:'unknown',undefined:false}],inputs:[{id:'revenue',title:L('营业收入','Revenue'),year:2025,value:null,unit:L('万元','10k yuan'),owner:'tax',source:null}]}),R({id:'ZJ26.2.b',title:L('近两年新增股权投资不低于 2000 万元','New equity at least 2000'),truth:'not_met',assumed:'按两年合计'})]}),
 R({id:'ZJ26.4.b',title:L('近两年每年研发费用占比不低于 3%','R&D at least 3 % in each of two years'),truth:'not_met',formula:'rd_expense / revenue >= 0.03',seen:[{left:'0.0273',op:'>=',right:'0.03',truth:'not_met',undefined:false}],clause:'附件1 第四条',inputs:[{id:'rd',title:L('研发费用','R&D expense'),year:2025,value:'87.6',unit:L('万元','10k yuan'),owner:'statistics',source:src},{id:'re',title:L('营业收入','Revenue'),year:2025,value:'3208.8',unit:L('万元','10k yuan'),owner:'tax',source:src}]}),
 R({id:'ZJ26.6',kind:'judged',title:L('细分市场占有率较高、有一定知名度','Fairly high share and some name'),truth:'unknown',evidence:L('第三方证明','Third-party proof')}),
 R({kind:'at_least',count:2,parts:[R({id:'q1',title:L('甲','A')}),R({id:'q2',title:L('乙','B')})]}),
 R({kind:'not',truth:'met',parts:[R({id:'n1',title:L('列入经营异常名录','On the abnormal list'),truth:'not_met'})]}),
]}),points:[{id:'score',title:L('评价得分','Score'),low:'42',high:'57',max:'100',case:null,value:null,clause:null,parts:[{id:'a',title:L('研发费用占比','R&D share'),low:'10',high:'10',max:'20',case:L('2%–3%','2–3 %'),value:'0.0273',clause:'附表 1',parts:[]},{id:'b',title:L('研发人员占比','R&D staff'),low:'0',high:'15',max:'15',case:null,value:null,clause:null,parts:[]}]}]}
const text='# 规则\nrule: national/titles/specialised-sme\nversion: 2\nrequires:\n  all:\n    - { id: ENT.1, title: 在中国境内依法设立, if: legal_person }\n    - { id: ZJ26.4.b, title: 占比, if: rd_expense / revenue >= 0.03, each_year: 2 }\n    - { id: x, unverified: 按假定 }\n'
const N=(path,zh,value)=>({path,title:L(zh,zh==='金额公式'?'Formula':'Number of '+path),value})
const rule={head:heads[4],issuer:'工业和信息化部',url:'http://example.org/x',text,versions:[{version:1,from:'2022-08-01',to:'2026-03-31',document:'优质中小企业梯度培育管理暂行办法（工信部企业〔2022〕63 号）'},{version:2,from:'2026-04-01',to:null,document:'优质中小企业梯度培育管理办法（2026 年公布）'}],
 adjustable:[N('conditions/ENT.2.a/1','工业企业符合中小企业划型标准','1000'),N('conditions/ENT.2.a/2','工业企业符合中小企业划型标准','40000'),N('conditions/ZJ26.4.b/1','近两年每年研发费用占比不低于 3%','0.03'),N('conditions/ZJ26.4.a/1','近两年每年研发费用不低于 100 万元','100'),...Array.from({length:9},(_,i)=>N(`conditions/E${i}/1`,'近三年未发生事故','0'))],
 findings:[{code:'judged',blocks:false,node:'ZJ26.6',message:L('“细分市场占有率较高”由人评定','Judged by people'),ground:null},{code:'fair_competition',blocks:true,node:'ZJ26.4.b',message:L('ZJ26.4.b 用到“registered_here”，属于“限定本地”，须写明法律依据或删去。','uses a trait'),ground:'公平竞争审查条例 第八条'}],facts:miss.map(m=>({id:m.id,title:m.title,owner:m.owner}))}
const C=(m,n,u,b)=>({met:m,not_met:n,unknown:u,bill:b,budget:b?'5000':null,over:false,unit:L('万元','10k yuan')})
const pop=(ch)=>({rule:heads[4],division:'370112',on:'2026-11-26',firms:3120,now:C(214,1806,1100,'3120.5'),then:ch?C(260,1760,1100,'5120.5'):null,gain:ch?46:0,lose:0,moved:ch?[{firm:12,name:'泰安恒信精密机械有限公司',from:'not_met',to:'met'}]:[],failing:[{id:'ZJ26.4.b',title:L('近两年每年研发费用占比不低于 3%','R&D at least 3 %'),not_met:1204,unknown:300},{id:'ZJ26.4.a',title:L('近两年每年研发费用不低于 100 万元','R&D at least 100'),not_met:804,unknown:100},...Array.from({length:9},(_,i)=>({id:'E'+i,title:L('近三年未发生较大及以上生产安全事故','No accident'),not_met:90-i,unknown:1000}))],missing:miss.map((m,i)=>({fact:{id:m.id,title:m.title,owner:m.owner},firms:1000-i*40})),ms:38.4})
const dir='/tmp/pw/mock'; mkdirSync(dir,{recursive:true})
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu','--disable-quic']})
const ctx=await b.newContext({viewport:{width:1440,height:900},reducedMotion:'reduce',locale:'zh-CN'})
await ctx.route('**/api/**',async r=>{const u=new URL(r.request().url());const p=u.pathname;const j=x=>r.fulfill({json:x})
 if(p==='/api/rules')return j(heads); if(p==='/api/rule')return j(rule); if(p==='/api/rules/simulate')return j(pop(r.request().postDataJSON().changes.length))
 if(/policies$/.test(p)){const on=u.searchParams.get('on');return j(on?{...ofFirm,on,rules:rules.slice(0,-1).map((x,i)=>i===4?{...x,outcome:'unknown',missing:miss,unmet:[],rule:{...x.rule,version:1}}:x)}:ofFirm)} if(/policy$/.test(p))return j(proof); return r.continue()})
const pg=await ctx.newPage(); pg.on('pageerror',e=>console.log('ERR',e.message)); pg.on('console',m=>{if(m.type()==='error'||m.type()==='warning')console.log(m.text().slice(0,300))})
const shots=[['firm','/firms/12/policies'],['firm-day','/firms/12/policies?on=2026-03-31'],['proof','/firms/12/policies?rule=national/titles/specialised-sme'],['rules','/rules'],['rule','/rules/one?rule=national/titles/specialised-sme'],['whatif','/rules/one?rule=national/titles/specialised-sme&w='+encodeURIComponent('[["conditions/ZJ26.4.b/1","0.02"]]')],['articles','/articles']]
const only=process.argv[2]
for(const lang of ['zh-CN','en']){await pg.addInitScript(l=>localStorage.setItem('baigong.language',l),lang)
for(const [n,path] of shots){ if(only&&!only.split(',').includes(n))continue
 for(const w of [1440,390]){ if(lang==='en'&&w===390&&n!=='firm')continue
 await pg.setViewportSize({width:w,height:w===390?844:900}); await pg.goto('http://127.0.0.1:8099'+path); await pg.waitForTimeout(1500)
 const over=await pg.evaluate(()=>document.documentElement.scrollWidth-document.documentElement.clientWidth); if(over>0)console.log(n,w,'over',over)
 await pg.screenshot({path:`${dir}/${n}-${w}-${lang}.png`,fullPage:true}) } } }
await b.close()
